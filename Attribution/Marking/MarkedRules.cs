using System.Text;
using TelemetryPipeline.Attribution.Rules;

namespace TelemetryPipeline.Attribution.Marking;

/// <summary>A rule set, and for each of its predicates the rule that a span would be marked with. Immutable.</summary>
internal sealed class MarkedRules
{
    private readonly int[] _bestByPredicate;
    private readonly byte[][] _ids;
    private readonly byte[][] _rootCauses;
    private readonly int[] _ranks;

    /// <summary>The marks of a rule set.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="marksShadow">Whether rules on trial mark spans.</param>
    public MarkedRules(RuleSet rules, bool marksShadow)
    {
        Rules = rules;
        var count = rules.Rules.Count;
        (_ids, _rootCauses, _ranks) = (new byte[count][], new byte[count][], new int[count]);
        foreach (var rule in rules.Rules)
        {
            _ids[rule.Index] = Encoding.UTF8.GetBytes(rule.Id);
            _rootCauses[rule.Index] = Encoding.UTF8.GetBytes(rule.Then.RootCause);

            // The most urgent first, then the order of the files.
            _ranks[rule.Index] = ((int)rule.Then.Priority * count) + rule.Index;
        }

        _bestByPredicate = new int[rules.PredicateCount];
        for (var predicate = 0; predicate < _bestByPredicate.Length; predicate++)
        {
            _bestByPredicate[predicate] = -1;
            foreach (var index in rules.SpanRules(predicate))
            {
                if (Marks(rules.Rules[index], marksShadow))
                {
                    _bestByPredicate[predicate] = Better(_bestByPredicate[predicate], index);
                }
            }
        }
    }

    /// <summary>The rules.</summary>
    public RuleSet Rules { get; }

    /// <summary>The rule to mark a span with; -1 for none.</summary>
    /// <param name="hits">The predicates that hold for it.</param>
    public int RuleFor(PredicateHits hits)
    {
        var best = -1;
        for (var predicate = hits.Next(-1); predicate >= 0; predicate = hits.Next(predicate))
        {
            best = Better(best, _bestByPredicate[predicate]);
        }

        return best;
    }

    /// <summary>A rule's id in UTF-8.</summary>
    /// <param name="rule">Its index.</param>
    public ReadOnlySpan<byte> IdOf(int rule) => _ids[rule];

    /// <summary>A rule's root cause in UTF-8.</summary>
    /// <param name="rule">Its index.</param>
    public ReadOnlySpan<byte> RootCauseOf(int rule) => _rootCauses[rule];

    // What a span alone decides: a chain is not known here, and a burst is no fault of one span.
    private static bool Marks(Rule rule, bool marksShadow) =>
        rule is { HasChain: false, Window: null } && (rule.Status == RuleStatus.Active || (rule.Status == RuleStatus.Shadow && marksShadow));

    private int Better(int one, int other) => one < 0 ? other : other < 0 || _ranks[one] < _ranks[other] ? one : other;
}
