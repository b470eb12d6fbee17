using TelemetryPipeline.Attribution.Rules.Compiling;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Rules;

/// <summary>
/// Finds out which predicates of a rule set hold for spans. Holds working memory: one thread at a time, made by
/// <see cref="RuleSet.CreateMatcher"/> and used again.
/// </summary>
internal sealed class RuleMatcher
{
    private readonly PredicateIndex _index;
    private readonly MatchScratch _scratch;

    internal RuleMatcher(PredicateIndex index)
    {
        _index = index;
        _scratch = new MatchScratch(index);
    }

    /// <summary>What latencies are compared with; null where nothing is known, and such comparisons are false.</summary>
    public ILatencyBaseline? Baseline
    {
        get => _scratch.Baseline;
        set => _scratch.Baseline = value;
    }

    /// <summary>The verdict on the span matched last: whether it failed.</summary>
    public bool IsFailed => _scratch.IsFailed;

    /// <summary>Looks which predicates hold for a span. Does not allocate.</summary>
    /// <param name="view">The span's chunk.</param>
    /// <param name="span">The span.</param>
    /// <param name="hits">Emptied, then filled; has room for all predicates.</param>
    /// <returns>Whether any holds.</returns>
    public bool Match(OtlpView view, in SpanRecord span, PredicateHits hits) => _index.Match(view, in span, _scratch, hits);

    /// <summary>Lets go of the chunk matched last; call it after each batch.</summary>
    public void Reset() => _scratch.Reset();
}
