using System.Linq;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Transfers;

namespace TelemetryPipeline.Attribution.Rules.Compiling;

/// <summary>
/// The predicates of a rule set, found by what a span must have for them to hold: so a span costs the few that could
/// hold, not all. Immutable.
/// </summary>
internal sealed class PredicateIndex
{
    private static readonly int KindCount = Enum.GetValues<SpanKind>().Length;

    private readonly SpanTest[] _tests;
    private readonly int[] _always;
    private readonly int[] _whenFailed;
    private readonly int[] _whenOk;
    private readonly int[][] _byKind;
    private readonly AttributeIndex? _names;
    private readonly AttributeIndex[] _ofSpan;
    private readonly AttributeIndex[] _ofResource;
    private readonly SlotMask _spanMask;

    /// <summary>Indexes predicates.</summary>
    /// <param name="tests">The predicates.</param>
    /// <param name="paths">What each needs, in the same order.</param>
    /// <param name="slots">Where keys are registered.</param>
    /// <param name="rememberedCount">Conditions that several predicates have.</param>
    public PredicateIndex(SpanTest[] tests, AccessPath[] paths, AttributeSlots slots, int rememberedCount)
    {
        _tests = tests;
        Slots = slots;
        Outcome = new SpanOutcome(slots);
        RememberedCount = rememberedCount;
        var keys = paths.SelectMany(static (path, predicate) => path.Keys.Select(key => (Key: key, Predicate: predicate))).ToArray();
        int[] Of(AccessKind kind, int number) =>
            [.. keys.Where(k => k.Key.Kind == kind && k.Key.Number == number).Select(static k => k.Predicate).Distinct()];
        _always = Of(AccessKind.Always, 0);
        _whenFailed = Of(AccessKind.Status, 1);
        _whenOk = Of(AccessKind.Status, 0);
        _byKind = [.. Enumerable.Range(0, KindCount).Select(kind => Of(AccessKind.SpanKind, kind))];
        _names = IndexesOf(keys, AccessKind.Name, AccessKind.Name).SingleOrDefault();
        _ofSpan = IndexesOf(keys, AccessKind.SpanAttribute, AccessKind.Attribute);
        _ofResource = IndexesOf(keys, AccessKind.ResourceAttribute, AccessKind.Attribute);
        _spanMask = new SlotMask([.. _ofSpan.Select(static index => index.Slot)]);
        ResourceCandidatesMax = _ofResource.Sum(static index => index.CandidatesMax);
    }

    /// <summary>How many predicates there are.</summary>
    public int PredicateCount => _tests.Length;

    /// <summary>Conditions that several predicates have.</summary>
    public int RememberedCount { get; }

    /// <summary>The most predicates that a resource makes possible.</summary>
    public int ResourceCandidatesMax { get; }

    /// <summary>Where keys are registered.</summary>
    public AttributeSlots Slots { get; }

    /// <summary>Reads verdicts.</summary>
    public SpanOutcome Outcome { get; }

    /// <summary>Looks which predicates hold for a span.</summary>
    /// <param name="view">Its chunk.</param>
    /// <param name="span">Its record.</param>
    /// <param name="scratch">Working memory.</param>
    /// <param name="hits">Emptied, then filled.</param>
    /// <returns>Whether any holds.</returns>
    public bool Match(OtlpView view, ref readonly SpanRecord span, MatchScratch scratch, PredicateHits hits)
    {
        hits.Clear();
        scratch.Begin(view, span);
        var facts = new SpanFacts(view, in span, Slots, scratch);
        var any = Evaluate(scratch.IsFailed ? _whenFailed : _whenOk, facts, hits)
            | Evaluate(_always, facts, hits)
            | Evaluate(scratch.ResourceCandidates, facts, hits)
            | Evaluate(_byKind[(int)span.Kind], facts, hits);
        if (_names is not null)
        {
            any |= Evaluate(_names.Find(view.Name(span)), facts, hits);
        }

        if (scratch.Present.Overlaps(_spanMask))
        {
            any |= EvaluateByAttributes(facts, hits);
        }

        return any;
    }

    /// <summary>Finds the predicates that a resource makes possible.</summary>
    /// <param name="view">Its chunk.</param>
    /// <param name="resource">Its node.</param>
    /// <param name="candidates">Takes them.</param>
    /// <returns>How many.</returns>
    public int FindResourceCandidates(OtlpView view, int resource, Span<int> candidates)
    {
        var count = 0;
        foreach (var index in _ofResource)
        {
            if (view.TryGetAttribute(Slots, resource, index.Slot, out var value))
            {
                var found = index.Find(value);
                found.CopyTo(candidates[count..]);
                count += found.Length;
                index.WhenPresent.CopyTo(candidates[count..]);
                count += index.WhenPresent.Length;
            }
        }

        return count;
    }

    private static AttributeIndex[] IndexesOf((AccessKey Key, int Predicate)[] keys, AccessKind kind, AccessKind also) =>
    [
        .. keys.Where(k => k.Key.Kind == kind || k.Key.Kind == also).GroupBy(static k => k.Key.Number).Select(static group => new AttributeIndex(
            group.Key,
            [.. group.Where(static k => k.Key.Text is not null).Select(static k => (k.Key.Text!, k.Predicate))],
            [.. group.Where(static k => k.Key.Text is null).Select(static k => k.Predicate)])),
    ];

    private bool EvaluateByAttributes(in SpanFacts facts, PredicateHits hits)
    {
        var any = false;
        foreach (var index in _ofSpan)
        {
            if (facts.Scratch.Present.Contains(index.Slot)
                && facts.View.TryGetAttribute(Slots, facts.Span.Node, index.Slot, out var value))
            {
                any |= Evaluate(index.Find(value), facts, hits) | Evaluate(index.WhenPresent, facts, hits);
            }
        }

        return any;
    }

    private bool Evaluate(ReadOnlySpan<int> candidates, in SpanFacts facts, PredicateHits hits)
    {
        var any = false;
        foreach (var predicate in candidates)
        {
            if (_tests[predicate].Holds(facts))
            {
                hits.Set(predicate);
                any = true;
            }
        }

        return any;
    }
}
