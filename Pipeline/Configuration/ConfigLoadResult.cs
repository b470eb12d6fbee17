namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>What became of loading a configuration.</summary>
public sealed record ConfigLoadResult
{
    /// <summary>The configuration; null when there are errors.</summary>
    public CollectorConfig? Config { get; init; }

    /// <summary>What is wrong, by source, line and column.</summary>
    public required IReadOnlyList<ConfigError> Errors { get; init; }

    /// <summary>What works but should be known: a deprecated name, an unset variable.</summary>
    public required IReadOnlyList<ConfigError> Warnings { get; init; }

    /// <summary>Files that were read or tried, as full paths: those to watch for a reload.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The document after merging and expansion; null when a source cannot be read or parsed.</summary>
    public ConfigMap? Document { get; init; }

    /// <summary>Paths (<c>exporters::otlp::headers::token</c>) in <see cref="Document"/> whose values must not be printed.</summary>
    public required IReadOnlySet<string> SecretPaths { get; init; }
}
