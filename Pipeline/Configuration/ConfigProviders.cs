using System.Diagnostics.CodeAnalysis;

namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>Fetches the texts that a configuration refers to: files, environment variables, text in place.</summary>
/// <param name="variable">Reads an environment variable; null when it is not set.</param>
internal sealed class ConfigProviders(Func<string, string?> variable)
{
    /// <summary>Schemes that can be used, in the order they are listed.</summary>
    public static readonly IReadOnlyList<string> Schemes = [ConfigLocation.Env, ConfigLocation.File, ConfigLocation.Yaml];

    private readonly List<string> _files = [];
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    /// <summary>Full paths of the files that were asked for, in order, also of those that could not be read.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>Fetches a text.</summary>
    /// <param name="location">From where.</param>
    /// <param name="fetched">The text, and what an operator should know about it.</param>
    /// <param name="problem">Why it cannot be had.</param>
    public bool TryFetch(ConfigLocation location, out FetchedText fetched, [NotNullWhen(false)] out string? problem)
    {
        fetched = default;
        switch (location.Scheme)
        {
            case ConfigLocation.File:
                return TryFile(location.Rest, out fetched, out problem);
            case ConfigLocation.Env:
                return TryVariable(location.Rest, out fetched, out problem);
            case ConfigLocation.Yaml:
                fetched = new FetchedText(location.Rest, null);
                problem = null;
                return true;
            case "http" or "https":
                problem = $"the scheme \"{location.Scheme}\" is not supported by this build: fetch the configuration to a file first";
                return false;
            default:
                problem = $"scheme \"{location.Scheme}\" is not supported for uri \"{location}\"; known are {string.Join(", ", Schemes)}";
                if (location.Rest.StartsWith('-'))
                {
                    problem += $"; a variable with a default is written ${{env:{location}}}";
                }

                return false;
        }
    }

    private bool TryFile(string path, out FetchedText fetched, [NotNullWhen(false)] out string? problem)
    {
        fetched = default;
        problem = null;
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            problem = $"the path of a file must not be empty, got \"{path}\"";
            return false;
        }

        try
        {
            var full = Path.GetFullPath(path);
            if (_texts.TryGetValue(full, out var text))
            {
                fetched = new FetchedText(text, null);
                return true;
            }

            if (!_files.Contains(full))
            {
                _files.Add(full);
            }

            var length = new FileInfo(full).Length;
            if (length > YamlLimits.SourceLengthMax)
            {
                problem = $"the file {path} must have at most {YamlLimits.SourceLengthMax} bytes, got {length}";
                return false;
            }

            _texts[full] = text = BoundedFile.ReadAllText(full, YamlLimits.SourceLengthMax);
            fetched = new FetchedText(text, null);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            problem = exception is FileNotFoundException or DirectoryNotFoundException
                ? $"the file {path} does not exist"
                : $"cannot read the file {path}: {exception.Message}";
            return false;
        }
    }

    private bool TryVariable(string expression, out FetchedText fetched, [NotNullWhen(false)] out string? problem)
    {
        fetched = default;
        problem = null;
        var split = expression.IndexOf(":-", StringComparison.Ordinal);
        var name = split < 0 ? expression : expression[..split];
        if (!IsVariableName(name))
        {
            problem = $"environment variable \"{name}\" has invalid name: must match regex ^[a-zA-Z_][a-zA-Z0-9_]*$";
            return false;
        }

        var value = variable(name);
        fetched = (value, split) switch
        {
            (null, < 0) => new FetchedText("", $"the environment variable {name} is not set; null is used", IsUnset: true),
            (null, _) => new FetchedText(expression[(split + 2)..], null),
            ("", _) => new FetchedText("", $"the environment variable {name} is set but empty"),
            _ => new FetchedText(value, null),
        };
        return true;
    }

    private static bool IsVariableName(string name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }

        return name.Length > 0 && !char.IsAsciiDigit(name[0]);
    }
}

/// <summary>A text from a provider.</summary>
/// <param name="Text">The text.</param>
/// <param name="Warning">What an operator should know; null when nothing.</param>
/// <param name="IsUnset">Whether the text stands for a variable that is not set and has no default.</param>
/// <param name="IsRaw">Whether it is a text to be inserted as it is.</param>
internal readonly record struct FetchedText(string Text, string? Warning, bool IsUnset = false, bool IsRaw = false);
