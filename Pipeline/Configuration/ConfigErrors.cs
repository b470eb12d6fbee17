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

/// <summary>Everything wrong with a configuration, collected before anything is started.</summary>
public sealed class ConfigErrors
{
    private readonly List<ConfigError> _errors = [];

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsEmpty => _errors.Count == 0;

    /// <summary>The errors by source, line and column.</summary>
    public IReadOnlyList<ConfigError> Sorted()
    {
        var sorted = new List<ConfigError>(_errors);
        sorted.Sort(static (a, b) =>
        {
            var order = string.CompareOrdinal(a.Position.Source, b.Position.Source);
            order = order != 0 ? order : a.Position.Line.CompareTo(b.Position.Line);
            return order != 0 ? order : a.Position.Column.CompareTo(b.Position.Column);
        });
        return sorted;
    }

    /// <summary>Adds an error.</summary>
    /// <param name="position">Where.</param>
    /// <param name="path">The keys that lead there, joined with <c>::</c>.</param>
    /// <param name="problem">What is wrong.</param>
    public void Add(SourcePosition position, string path, string problem) =>
        _errors.Add(new ConfigError(position, path, problem));
}
