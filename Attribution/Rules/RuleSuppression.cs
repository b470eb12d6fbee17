namespace TelemetryPipeline.Attribution.Rules;

/// <summary>When a hit makes no event of its own.</summary>
internal sealed record RuleSuppression
{
    /// <summary>Ids of rules whose event about the same trace makes one of this rule superfluous; each exists in the set.</summary>
    public IReadOnlyList<string> WhenFired { get; init; } = [];

    /// <summary>Indices of <see cref="WhenFired"/> in the set.</summary>
    public IReadOnlyList<int> WhenFiredIndices { get; init; } = [];

    /// <summary>After an event, further hits with the same group key are folded into the next one for this long; 0 never.</summary>
    public TimeSpan For { get; init; }
}
