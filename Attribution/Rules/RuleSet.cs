using TelemetryPipeline.Attribution.Rules.Compiling;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Rules;

/// <summary>Rules, checked and compiled together. Immutable and shared by all threads.</summary>
internal sealed class RuleSet
{
    private readonly PredicateIndex _index;
    private readonly int[][] _rulesByPredicate;
    private readonly int[] _traceRules;

    internal RuleSet(IReadOnlyList<Rule> rules, PredicateIndex index, AttributeSlots slots, string hash, int tracePredicateCount)
    {
        Rules = rules;
        Slots = slots;
        Hash = hash;
        TracePredicateCount = tracePredicateCount;
        _index = index;
        var byPredicate = new List<int>[index.PredicateCount];
        var traceRules = new List<int>();
        foreach (var rule in rules)
        {
            if (rule.Predicate >= 0)
            {
                (byPredicate[rule.Predicate] ??= []).Add(rule.Index);
            }
            else if (rule.When is not null)
            {
                traceRules.Add(rule.Index);
            }
        }

        _rulesByPredicate = Array.ConvertAll(byPredicate, static list => list?.ToArray() ?? []);
        _traceRules = [.. traceRules];
    }

    /// <summary>All rules in the order of their files, those that are off included.</summary>
    public IReadOnlyList<Rule> Rules { get; }

    /// <summary>Where the attributes that rules read are registered: the collector's own, so that a batch is searched once.</summary>
    public AttributeSlots Slots { get; }

    /// <summary>A figure of the content of all files, in hexadecimal: equal for equal rules.</summary>
    public string Hash { get; }

    /// <summary>Predicates: conditions on a span, as a whole; equal ones of several rules are one.</summary>
    public int PredicateCount => _index.PredicateCount;

    /// <summary>The predicates below this index are the ones that rules of scope trace ask about; a trace keeps only these.</summary>
    public int TracePredicateCount { get; }

    /// <summary>Indices of the rules of scope trace that are evaluated.</summary>
    public ReadOnlySpan<int> TraceRules => _traceRules;

    /// <summary>Indices of the rules of scope span that a predicate decides, up to their chain conditions.</summary>
    /// <param name="predicate">The predicate.</param>
    public ReadOnlySpan<int> SpanRules(int predicate) => _rulesByPredicate[predicate];

    /// <summary>Makes a matcher, for one thread at a time.</summary>
    public RuleMatcher CreateMatcher() => new(_index);
}
