namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>Bounds on what a configuration may hold, so that no source can exhaust the process that reads it.</summary>
internal static class YamlLimits
{
    /// <summary>Longest text of one source in characters; the largest configurations known are well below 1 MiB.</summary>
    public const int SourceLengthMax = 4 * 1024 * 1024;

    /// <summary>Deepest nesting of maps and lists; the deepest setting known is 9 levels down.</summary>
    public const int DepthMax = 64;

    /// <summary>Most values in one document, each use of an anchor counted in full.</summary>
    public const int NodesMax = 200_000;
}
