using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>One thing wrong with a configuration.</summary>
/// <param name="Position">Where.</param>
/// <param name="Path">The keys that lead there, joined with <c>::</c>; empty for the whole document.</param>
/// <param name="Problem">What is wrong and what is allowed, with the value found.</param>
public sealed record ConfigError(SourcePosition Position, string Path, string Problem)
{
    /// <summary><c>file:line:column: path::to::key: problem</c>.</summary>
    public override string ToString() => Path.Length == 0 ? $"{Position}: {Problem}" : $"{Position}: {Path}: {Problem}";
}

/// <summary>
/// What reading a configuration brought to light, collected before anything is started: everything wrong with it,
/// what works but should be known, and which values are secret.
/// </summary>
public sealed class ConfigErrors
{
    private readonly List<ConfigError> _errors = [];
    private readonly List<ConfigError> _warnings = [];
    private readonly HashSet<string> _secretPaths = new(StringComparer.Ordinal);
    private readonly HashSet<string> _askedPaths = new(StringComparer.Ordinal);

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsEmpty => _errors.Count == 0;

    /// <summary>How many errors there are so far.</summary>
    public int Count => _errors.Count;

    /// <summary>Paths of the values that must not be printed.</summary>
    public IReadOnlySet<string> SecretPaths => _secretPaths;

    /// <summary>Paths of the settings that somebody asked for, there or not, for documentation tests.</summary>
    public IReadOnlySet<string> AskedPaths => _askedPaths;

    /// <summary>The errors by source, line and column; the same one only once.</summary>
    public IReadOnlyList<ConfigError> Sorted() => Sorted(_errors);

    /// <summary>The warnings by source, line and column; the same one only once.</summary>
    public IReadOnlyList<ConfigError> SortedWarnings() => Sorted(_warnings);

    /// <summary>Adds an error. Credentials in it are masked.</summary>
    /// <param name="position">Where.</param>
    /// <param name="path">The keys that lead there, joined with <c>::</c>.</param>
    /// <param name="problem">What is wrong.</param>
    public void Add(SourcePosition position, string path, string problem) =>
        _errors.Add(new ConfigError(position, path, SensitiveText.Mask(problem)));

    /// <summary>Adds a warning: it works, but an operator should know.</summary>
    /// <param name="position">Where.</param>
    /// <param name="path">The keys that lead there, joined with <c>::</c>.</param>
    /// <param name="problem">What is to be known.</param>
    public void AddWarning(SourcePosition position, string path, string problem) =>
        _warnings.Add(new ConfigError(position, path, SensitiveText.Mask(problem)));

    /// <summary>Takes note of a value that must not be printed.</summary>
    /// <param name="path">The keys that lead to it, joined with <c>::</c>.</param>
    public void AddSecret(string path) => _secretPaths.Add(path);

    /// <summary>Takes note of a setting that was asked for.</summary>
    /// <param name="path">The keys that lead to it, joined with <c>::</c>.</param>
    public void AddAsked(string path) => _askedPaths.Add(path);

    private static List<ConfigError> Sorted(List<ConfigError> found)
    {
        var sorted = new List<ConfigError>(new HashSet<ConfigError>(found));
        sorted.Sort(static (a, b) =>
        {
            var order = string.CompareOrdinal(a.Position.Source, b.Position.Source);
            order = order != 0 ? order : a.Position.Line.CompareTo(b.Position.Line);
            order = order != 0 ? order : a.Position.Column.CompareTo(b.Position.Column);
            order = order != 0 ? order : string.CompareOrdinal(a.Path, b.Path);
            return order != 0 ? order : string.CompareOrdinal(a.Problem, b.Problem);
        });
        return sorted;
    }
}
