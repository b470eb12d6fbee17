using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules;

/// <summary>What became of reading rule files.</summary>
internal sealed record RuleReloadState
{
    /// <summary>Nothing was read yet.</summary>
    public static RuleReloadState None { get; } = new();

    /// <summary>When the rules in force were loaded.</summary>
    public DateTimeOffset LoadedAt { get; init; }

    /// <summary>When files were last found to have mistakes that are still there; null when they have none.</summary>
    public DateTimeOffset? FailedAt { get; init; }

    /// <summary>The mistakes in the files as they are now; empty when they hold what is in force.</summary>
    public IReadOnlyList<ConfigError> Errors { get; init; } = [];

    /// <summary>The files of the rules in force, as full paths; none for the shipped rules.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];
}
