using System.Linq;

namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>Reads, merges, expands and validates configurations.</summary>
/// <param name="registry">The components of this build.</param>
/// <param name="variable">Reads an environment variable; those of the process by default.</param>
public sealed class ConfigLoader(ComponentRegistry registry, Func<string, string?>? variable = null)
{
    /// <summary>Schemes that sources and <c>${scheme:rest}</c> can have.</summary>
    public static IReadOnlyList<string> Schemes => ConfigProviders.Schemes;

    /// <summary>Loads a configuration. Never throws for what is in a source; can be called again for a reload.</summary>
    /// <param name="sources">Where it comes from.</param>
    public ConfigLoadResult Load(ConfigSources sources)
    {
        var errors = new ConfigErrors();
        var providers = new ConfigProviders(variable ?? Environment.GetEnvironmentVariable);
        var merged = new ConfigResolver(providers, errors).Merge(sources);
        if (!errors.IsEmpty)
        {
            return Result(null, null, errors.Sorted(), errors, providers);
        }

        var document = (ConfigMap)new ConfigExpansion(providers, errors).Expand(merged);
        var unexpanded = errors.Sorted();
        var config = new ConfigReader(registry, errors).Read(document);
        return Result(config, document, WithoutConsequences(errors.Sorted(), unexpanded), errors, providers);
    }

    // A value that could not be expanded is null from then on; that it is missing is no news.
    private static IReadOnlyList<ConfigError> WithoutConsequences(
        IReadOnlyList<ConfigError> all, IReadOnlyList<ConfigError> unexpanded)
    {
        var causes = new HashSet<ConfigError>(unexpanded);
        var paths = new HashSet<string>(unexpanded.Select(static error => error.Path), StringComparer.Ordinal);
        return [.. all.Where(error => causes.Contains(error) || !paths.Contains(error.Path))];
    }

    private static ConfigLoadResult Result(
        CollectorConfig? config,
        ConfigMap? document,
        IReadOnlyList<ConfigError> errors,
        ConfigErrors found,
        ConfigProviders providers) =>
        new()
        {
            Config = errors.Count == 0 ? config : null,
            Document = document,
            Errors = errors,
            Warnings = found.SortedWarnings(),
            Files = providers.Files,
            SecretPaths = found.SecretPaths,
        };
}
