using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules.Language;

/// <summary>A rule as it was read, before it takes its place in a set.</summary>
internal sealed record RuleDraft
{
    /// <summary>Where it stands.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>The keys that lead to it.</summary>
    public required string Path { get; init; }

    /// <summary>Its name.</summary>
    public required string Id { get; init; }

    /// <summary>Its version.</summary>
    public required int Version { get; init; }

    /// <summary>What its author says about it.</summary>
    public required string Description { get; init; }

    /// <summary>What its hits lead to.</summary>
    public required RuleStatus Status { get; init; }

    /// <summary>What it is decided on.</summary>
    public required RuleScope Scope { get; init; }

    /// <summary>Its conditions; null where something is wrong with them.</summary>
    public required Condition? When { get; init; }

    /// <summary>Its conditions on the chain.</summary>
    public Condition? Chain { get; init; }

    /// <summary>What its events say.</summary>
    public required RuleOutcome Then { get; init; }

    /// <summary>The burst it waits for, with keys still missing.</summary>
    public RuleWindow? Window { get; init; }

    /// <summary>What the burst is counted by.</summary>
    public IReadOnlyList<FieldRef> WindowBy { get; init; } = [];

    /// <summary>What events are grouped by.</summary>
    public IReadOnlyList<FieldRef> GroupBy { get; init; } = [];

    /// <summary>What events show besides the fields of the conditions.</summary>
    public IReadOnlyList<FieldRef> Evidence { get; init; } = [];

    /// <summary>When a hit makes no event.</summary>
    public RuleSuppression? Suppress { get; init; }

    /// <summary>Where the ids of <see cref="RuleSuppression.WhenFired"/> stand.</summary>
    public IReadOnlyList<SourcePosition> SuppressPositions { get; init; } = [];
}
