namespace TelemetryPipeline.Attribution.Rules;

/// <summary>
/// A burst: the rule fires when its conditions held in <see cref="Count"/> distinct traces with the same key within
/// <see cref="Within"/>, and has done so for <see cref="For"/>.
/// </summary>
internal sealed record RuleWindow
{
    /// <summary>Most keys a rule may follow at once.</summary>
    public const int KeysLimit = 1_000_000;

    /// <summary>Distinct traces that make a burst, 1 or more. Required.</summary>
    public required int Count { get; init; }

    /// <summary>Length of the sliding window, 1 s to 24 h. Required.</summary>
    public required TimeSpan Within { get; init; }

    /// <summary>What the counts are kept by; empty for one count over all.</summary>
    public IReadOnlyList<RuleKey> By { get; init; } = [];

    /// <summary>How long the count must stay at or above <see cref="Count"/> before the rule fires; 0 for at once.</summary>
    public TimeSpan For { get; init; }

    /// <summary>A firing key resolves when its count falls below this; <see cref="Count"/> by default, never more.</summary>
    public required int ResolveBelow { get; init; }

    /// <summary>Keys followed at the same time, 1 to <see cref="KeysLimit"/>; 10 000 by default.</summary>
    public int MaxKeys { get; init; } = 10_000;
}
