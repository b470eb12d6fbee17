using TelemetryPipeline.Attribution.Events;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Attribution.Traces;

namespace TelemetryPipeline.Attribution.Evaluation;

/// <summary>
/// A rule set in force, and what the traces that are evaluated by it keep. A trace stays with the set that was in force when
/// its first span came, so that no span is evaluated by two sets and no event is made twice.
/// </summary>
internal sealed class RuleGeneration
{
    private readonly int[] _traces;
    private readonly int[] _ranks;
    private volatile RuleMatcher? _idle;

    /// <summary>A set with nothing evaluated by it.</summary>
    /// <param name="number">Its number, counted from 1.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="stats">What each rule has done.</param>
    /// <param name="shards">Shards of the traces.</param>
    /// <param name="budget">Where sets of predicates are counted.</param>
    public RuleGeneration(int number, RuleSet rules, RuleStats[] stats, int shards, MemoryBudget budget)
    {
        Number = number;
        Rules = rules;
        Stats = stats;
        _traces = new int[shards];
        _ranks = SuppressionOrder.Ranks(rules.Rules);
        Words = PredicateHits.WordsFor(rules.PredicateCount);
        TraceWords = PredicateHits.WordsFor(rules.TracePredicateCount);
        LastTraceWordMask = rules.TracePredicateCount % 64 == 0 ? ulong.MaxValue : (1UL << (rules.TracePredicateCount % 64)) - 1;
        Bits = new BitSlab[shards];
        for (var shard = 0; shard < shards; shard++)
        {
            Bits[shard] = new BitSlab(Math.Max(TraceWords, 1), budget);
        }

        CapturedKeys = KeysToCapture(rules);
    }

    /// <summary>Its number.</summary>
    public int Number { get; }

    /// <summary>The rules.</summary>
    public RuleSet Rules { get; }

    /// <summary>What each rule has done, by its index.</summary>
    public RuleStats[] Stats { get; }

    /// <summary>Words of a set of all predicates.</summary>
    public int Words { get; }

    /// <summary>Words of a set of the predicates that rules of scope trace ask about.</summary>
    public int TraceWords { get; }

    /// <summary>Bits that count in the last of these words.</summary>
    public ulong LastTraceWordMask { get; }

    /// <summary>Sets of predicates that held in traces, by shard.</summary>
    public BitSlab[] Bits { get; }

    /// <summary>Values that rules of scope trace want and that are not stored with every trace.</summary>
    public RuleKey[] CapturedKeys { get; }

    /// <summary>Traces evaluated by it.</summary>
    public int TraceCount
    {
        get
        {
            var count = 0;
            foreach (var traces in _traces)
            {
                count += traces;
            }

            return count;
        }
    }

    /// <summary>Notes that a trace is evaluated by it, or no longer is; by whoever holds the shard.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="change">1 or -1.</param>
    public void CountTrace(int shard, int change) => Volatile.Write(ref _traces[shard], _traces[shard] + change);

    /// <summary>A rule's place in the order of decision: a rule comes after those that can make it superfluous.</summary>
    /// <param name="rule">The rule's index.</param>
    public int RankOf(int rule) => _ranks[rule];

    /// <summary>A matcher for spans of traces that were open when the rules changed.</summary>
    public RuleMatcher RentMatcher() => Interlocked.Exchange(ref _idle, null) ?? Rules.CreateMatcher();

    /// <summary>Gives a rented matcher back.</summary>
    /// <param name="matcher">The matcher.</param>
    public void Return(RuleMatcher matcher) => _idle = matcher;

    /// <summary>A reader with the slots of these rules, for the few spans that are evaluated by rules no longer in force.</summary>
    /// <param name="names">Where texts get their numbers.</param>
    public FactReader OtherReader(TraceNames names) => new(names, Rules.Slots);

    /// <summary>Gives its memory back.</summary>
    public void Release()
    {
        foreach (var bits in Bits)
        {
            bits.Release();
        }
    }

    private static RuleKey[] KeysToCapture(RuleSet rules)
    {
        var keys = new Dictionary<string, RuleKey>(StringComparer.Ordinal);
        foreach (var index in rules.TraceRules)
        {
            var rule = rules.Rules[index];
            foreach (var list in (ReadOnlySpan<IReadOnlyList<RuleKey>>)[rule.EvidenceKeys, rule.GroupBy, rule.Window?.By ?? []])
            {
                foreach (var key in list)
                {
                    if (!StoredValues.IsStored(key))
                    {
                        keys.TryAdd(key.Name, key);
                    }
                }
            }
        }

        return [.. keys.Values];
    }
}
