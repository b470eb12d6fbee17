namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>Where a configuration comes from.</summary>
public sealed record ConfigSources
{
    /// <summary>Values of <c>--config</c> in order; a later one overrides an earlier one.</summary>
    public required IReadOnlyList<string> Configs { get; init; }

    /// <summary>Values of <c>--set</c>, applied after all of <see cref="Configs"/>.</summary>
    public IReadOnlyList<string> Sets { get; init; } = [];
}
