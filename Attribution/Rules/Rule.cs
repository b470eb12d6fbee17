using TelemetryPipeline.Attribution.Rules.Compiling;
using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules;

/// <summary>A rule, checked and compiled. Immutable.</summary>
internal sealed class Rule
{
    /// <summary>Its place in <see cref="RuleSet.Rules"/>.</summary>
    public required int Index { get; init; }

    /// <summary>Its name, unique in the set.</summary>
    public required string Id { get; init; }

    /// <summary>Its version, 1 or more, which events carry; 1 by default.</summary>
    public int Version { get; init; } = 1;

    /// <summary>What its author says about it; empty by default.</summary>
    public string Description { get; init; } = "";

    /// <summary>What its hits lead to.</summary>
    public RuleStatus Status { get; init; }

    /// <summary>What it is decided on.</summary>
    public RuleScope Scope { get; init; }

    /// <summary>What its events say.</summary>
    public required RuleOutcome Then { get; init; }

    /// <summary>The burst it waits for; null for an event a hit.</summary>
    public RuleWindow? Window { get; init; }

    /// <summary>What its events are grouped by; empty for a group of all.</summary>
    public IReadOnlyList<RuleKey> GroupBy { get; init; } = [];

    /// <summary>When a hit makes no event of its own; null for never.</summary>
    public RuleSuppression? Suppress { get; init; }

    /// <summary>What its events show: the fields it asks about, then those its author added.</summary>
    public IReadOnlyList<RuleKey> EvidenceKeys { get; init; } = [];

    /// <summary>Where it stands.</summary>
    public required SourcePosition Position { get; init; }

    /// <summary>The predicate that decides a rule of scope span; -1 for scope trace and for rules that are off.</summary>
    public int Predicate { get; init; } = -1;

    /// <summary>Whether it has conditions on the chain: of scope span, it is decided when the chain is known.</summary>
    public bool HasChain => ChainTest is not null;

    /// <summary>
    /// Whether more spans can make it untrue, so that it can only be decided when the trace is whole: it asks what no or
    /// every span is like, or about the trace. Else it is true for good once it is.
    /// </summary>
    public bool NeedsWholeTrace { get; init; }

    /// <summary>What it asks of the chain; null for nothing.</summary>
    internal TraceTest? ChainTest { get; init; }

    /// <summary>What a rule of scope trace asks; null for other rules.</summary>
    internal TraceTest? When { get; init; }

    /// <summary>Its conditions as they were written, to explain what they came to.</summary>
    internal Condition? Source { get; init; }

    /// <summary>Its conditions on the chain as they were written; null for none.</summary>
    internal Condition? ChainSource { get; init; }

    /// <summary>Whether its chain conditions hold; true where it has none. For a rule of scope span whose predicate hit.</summary>
    /// <param name="chain">The chain and its trace.</param>
    public bool HoldsForChain(in ChainFacts chain) => ChainTest is null || ChainTest.Holds(default, chain);

    /// <summary>Whether a rule of scope trace holds; false for a rule of scope span.</summary>
    /// <param name="hits">The predicates that any of the trace's spans hit, at least <see cref="RuleSet.TracePredicateCount"/>.</param>
    /// <param name="chain">The chain and its trace.</param>
    public bool HoldsForTrace(PredicateHits hits, in ChainFacts chain) =>
        When is not null && When.Holds(hits, chain) && HoldsForChain(chain);
}
