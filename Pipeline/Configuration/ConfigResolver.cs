namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>Turns the sources of a configuration into one document: fetches, parses and merges them.</summary>
/// <param name="providers">Fetches the texts.</param>
/// <param name="errors">Takes the problems.</param>
internal sealed class ConfigResolver(ConfigProviders providers, ConfigErrors errors)
{
    private const string ConfigFlag = "--config";
    private const string SetFlag = "--set";

    /// <summary>Merges all sources in order, then the <c>--set</c> values; problems of every source are reported.</summary>
    /// <param name="sources">The sources.</param>
    /// <returns>The merged document, not expanded yet; meaningless when there are errors.</returns>
    public ConfigMap Merge(ConfigSources sources)
    {
        var merged = new ConfigMap { Entries = [], Position = new SourcePosition(ConfigFlag, 1, 1) };
        if (sources.Configs.Count == 0)
        {
            errors.Add(merged.Position, "", "at least one config flag must be provided");
        }

        foreach (var source in sources.Configs)
        {
            if (ReadSource(source) is { } map)
            {
                var split = ConfigMerge.SplitKeys(map);
                merged = merged.Entries.Count == 0 ? split : ConfigMerge.Merge(merged, split);
            }
        }

        foreach (var set in sources.Sets)
        {
            if (ReadSet(set) is { } map)
            {
                merged = ConfigMerge.Merge(merged, ConfigMerge.SplitKeys(map));
            }
        }

        return merged;
    }

    private ConfigMap? ReadSource(string source)
    {
        var start = new SourcePosition(ConfigFlag, 1, 1);
        if (!ConfigLocation.TryParseSource(source, out var location))
        {
            errors.Add(start, "", $"invalid uri: \"{ConfigWords.Shorten(source)}\"");
            return null;
        }

        if (!providers.TryFetch(location, out var fetched, out var problem))
        {
            errors.Add(start, "", $"cannot retrieve the configuration: {problem}");
            return null;
        }

        var name = location.Scheme switch
        {
            ConfigLocation.File => location.Rest,
            ConfigLocation.Env => location.ToString(),
            _ => ConfigFlag,
        };
        if (fetched.Warning is { } warning)
        {
            errors.AddWarning(start, "", warning);
        }

        if (!YamlReader.TryRead(fetched.Text, name, out var node, out var error))
        {
            errors.Add(error.Position, "", error.Problem);
            return null;
        }

        switch (node)
        {
            case ConfigMap map:
                return map;
            case ConfigScalar { Kind: ScalarKind.Null }:
                return new ConfigMap { Entries = [], Position = node.Position };
            default:
                errors.Add(node.Position, "", $"must be a map, got {ConfigWords.Describe(node)}");
                return null;
        }
    }

    private ConfigMap? ReadSet(string set)
    {
        var start = new SourcePosition(SetFlag, 1, 1);
        var equal = set.IndexOf('=', StringComparison.Ordinal);
        var key = equal < 0 ? "" : set[..equal].Trim();
        if (key.Length == 0)
        {
            var problem = equal < 0 ? "missing equal sign" : "missing key before the equal sign";
            errors.Add(start, "", $"{problem}, got \"{ConfigWords.Shorten(set)}\"");
            return null;
        }

        if (!YamlReader.TryRead(set[(equal + 1)..], SetFlag, out var value, out var error, columnOffset: equal + 1))
        {
            errors.Add(error.Position, key, error.Problem);
            return null;
        }

        return new ConfigMap
        {
            Entries = [new ConfigEntry(key.Replace(".", "::", StringComparison.Ordinal), start, value)],
            Position = start,
        };
    }
}
