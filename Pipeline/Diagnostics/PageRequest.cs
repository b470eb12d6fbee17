namespace TelemetryPipeline.Pipeline.Diagnostics;

/// <summary>What somebody asks a <see cref="PageServer"/> for.</summary>
/// <param name="Path">The path, decoded, for example <c>/debug/pipelinez</c>.</param>
/// <param name="Query">The query's names and values, decoded; a name without a value has the value <c>""</c>.</param>
public sealed record PageRequest(string Path, IReadOnlyDictionary<string, string> Query)
{
    /// <summary>Media types the client takes, as it sent them; empty where it does not say.</summary>
    public string Accept { get; init; } = "";

    /// <summary>Entity tags the client has, as it sent them; empty where it has none.</summary>
    public string IfNoneMatch { get; init; } = "";
}
