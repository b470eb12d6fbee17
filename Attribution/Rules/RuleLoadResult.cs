using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules;

/// <summary>What became of loading rules.</summary>
internal sealed record RuleLoadResult
{
    /// <summary>The rules; null when there are errors.</summary>
    public RuleSet? Rules { get; init; }

    /// <summary>What is wrong, by file, line and column.</summary>
    public required IReadOnlyList<ConfigError> Errors { get; init; }

    /// <summary>The files that were read or tried, as full paths.</summary>
    public required IReadOnlyList<string> Files { get; init; }
}
