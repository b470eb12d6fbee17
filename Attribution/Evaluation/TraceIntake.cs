using TelemetryPipeline.Attribution.Baselines;
using TelemetryPipeline.Attribution.Events;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Attribution.Traces;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Evaluation;

/// <summary>
/// Takes the spans of batches on the thread that received them: asks the rules, puts the spans into their traces a shard
/// at a time, and has hits evaluated at once. Working memory of one thread; allocates nothing for a span that no rule hits.
/// </summary>
internal sealed partial class TraceIntake : IDisposable
{
    // Spans that are looked at before their shards are taken: enough to take each shard once for many of them.
    private const int SliceSpans = 256;
    private const byte NoShard = byte.MaxValue;
    private const int None = TraceShard.None;

    private readonly AttributionParts _parts;
    private readonly SpanBaseline _baseline;
    private readonly TraceEvaluator _evaluator;
    private readonly SpanFacts[] _facts = new SpanFacts[SliceSpans];
    private readonly int[] _series = new int[SliceSpans];
    private readonly bool[] _hasHits = new bool[SliceSpans];
    private readonly byte[] _shardOf = new byte[SliceSpans];
    private readonly int[] _order = new int[SliceSpans];
    private readonly int[] _ends;
    private readonly List<int> _retries = [];
    private ulong[] _hits = [];
    private ulong[] _otherHits = [];
    private int[] _rules = new int[16];
    private FactReader? _reader;
    private RuleGeneration? _matched;
    private RuleMatcher? _matcher;
    private volatile RuleGeneration? _held;
    private RuleGeneration _generation = null!;
    private long _nowMs;

    /// <summary>Working memory for one thread.</summary>
    /// <param name="parts">What all threads share.</param>
    public TraceIntake(AttributionParts parts)
    {
        _parts = parts;
        _baseline = new SpanBaseline(parts.History);
        _ends = new int[parts.Shards.Length];
        Events = new EventBatch(parts.Names);
        Output = new EventSink(Events, parts.Metrics, parts.Settings.EmitsShadow);
        _evaluator = new TraceEvaluator(parts, Output);
    }

    /// <summary>The events that were made.</summary>
    public EventBatch Events { get; }

    /// <summary>Where events go.</summary>
    public IEventOutput Output { get; }

    /// <summary>The rules that the thread works with now; null while it does not.</summary>
    public RuleGeneration? Held => _held;

    /// <summary>Takes a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="nowMs">The time that runs evenly, in milliseconds.</param>
    /// <param name="wallNs">The time in nanoseconds since the Unix epoch.</param>
    public void Take(OtlpBatch batch, long nowMs, ulong wallNs)
    {
        Begin(nowMs, wallNs);
        try
        {
            for (var i = 0; i < batch.ViewCount; i++)
            {
                var view = batch.View(i);
                var spans = view.Spans;
                for (var first = 0; first < spans.Length; first += SliceSpans)
                {
                    Take(view, spans.Slice(first, Math.Min(SliceSpans, spans.Length - first)));
                }
            }
        }
        finally
        {
            _matcher!.Reset();
            _reader!.Reset();
            _held = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Events.Dispose();

    private void Begin(long nowMs, ulong wallNs)
    {
        // Said, then checked: either a change of the rules sees that this thread holds them, or this thread sees the change.
        RuleGeneration generation;
        do
        {
            generation = _parts.Generations.Current;
            _held = generation;
            Interlocked.MemoryBarrier();
        }
        while (generation != _parts.Generations.Current);

        (_generation, _nowMs) = (generation, nowMs);
        Events.ObservedNs = wallNs;
        _evaluator.WallMs = (long)(wallNs / 1_000_000);
        if (_matched != generation)
        {
            _matched = generation;
            _matcher = generation.Rules.CreateMatcher();
            _matcher.Baseline = _baseline;
            _hits = new ulong[SliceSpans * generation.Words];
            if (_reader is null || _reader.Slots != generation.Rules.Slots)
            {
                _reader = new FactReader(_parts.Names, generation.Rules.Slots);
            }
        }
    }

    private void Take(OtlpView view, ReadOnlySpan<SpanRecord> spans)
    {
        var words = _generation.Words;
        Array.Clear(_ends);
        var taken = 0;
        for (var i = 0; i < spans.Length; i++)
        {
            ref readonly var span = ref spans[i];
            _shardOf[i] = NoShard;
            if (view.IsDropped(span.Node))
            {
                continue;
            }

            taken++;
            ref var facts = ref _facts[i];
            _reader!.Read(view, span, out facts);
            _baseline.Series = _series[i] = _parts.History.SeriesOf(facts.Service, facts.NodeType, facts.Kind);
            _hasHits[i] = _matcher!.Match(view, span, new PredicateHits(_hits.AsSpan(i * words, words)));
            facts.HasFailed = _matcher.IsFailed;
            if (facts.HasIds)
            {
                _shardOf[i] = (byte)_parts.ShardOf(facts.TraceIdHigh, facts.TraceIdLow);
                _ends[_shardOf[i]]++;
            }
            else
            {
                TakeAlone(view, span, i);
            }
        }

        _parts.Metrics.Spans.Add(taken);
        GroupByShard(spans.Length);
        TakeGroups(view, spans);
    }

    private void GroupByShard(int count)
    {
        var sum = 0;
        for (var shard = 0; shard < _ends.Length; shard++)
        {
            (_ends[shard], sum) = (sum, sum + _ends[shard]);
        }

        for (var i = 0; i < count; i++)
        {
            if (_shardOf[i] != NoShard)
            {
                _order[_ends[_shardOf[i]]++] = i;
            }
        }
    }

    private void TakeGroups(OtlpView view, ReadOnlySpan<SpanRecord> spans)
    {
        var at = 0;
        for (var index = 0; index < _ends.Length; index++)
        {
            if (at == _ends[index])
            {
                continue;
            }

            var shard = _parts.Shards[index];
            _retries.Clear();
            lock (shard.Gate)
            {
                for (; at < _ends[index]; at++)
                {
                    Place(shard, view, spans[_order[at]], _order[at]);
                }

                foreach (var trace in _retries)
                {
                    Retry(shard, trace);
                }
            }
        }
    }

    private void TakeAlone(OtlpView view, in SpanRecord span, int i)
    {
        _parts.Metrics.UnstoredNoIds.Add(1);
        var words = _generation.Words;
        if (_hasHits[i] && SpanRulesOf(_generation, _hits.AsSpan(i * words, words)) is { IsEmpty: false } rules)
        {
            var business = default(BusinessFacts);
            _reader!.Learn(view, span, ref business);
            _evaluator.HitAlone(_generation, rules, new SpanHit(view, in span, in _facts[i]), business);
        }
    }

    private void Place(TraceShard shard, OtlpView view, in SpanRecord span, int i)
    {
        ref var facts = ref _facts[i];
        var generation = _generation;
        var words = generation.Words;
        ReadOnlySpan<ulong> hits = _hasHits[i] ? _hits.AsSpan(i * words, words) : default;
        var trace = shard.Find(facts.TraceIdHigh, facts.TraceIdLow);
        if (trace == None)
        {
            trace = Open(shard, facts);
            if (trace == None)
            {
                PlaceNowhere(view, span, i);
                return;
            }
        }
        else if (FormerOf(shard, trace) is { } former)
        {
            generation = former;
            hits = MatchAgain(former, view, span, ref facts);
        }

        var outcome = Add(shard, trace, facts, out var stored);
        _parts.Metrics.CountSpan(outcome);
        if (outcome == AddOutcome.Duplicate)
        {
            return;
        }

        var timing = span.ReadDuration(out var durationNs);
        if (timing == SpanTiming.Known)
        {
            _parts.Latencies[shard.Index].Record(_series[i], durationNs);
        }
        else
        {
            _parts.Metrics.CountUnmeasured(timing);
        }

        Learn(shard, trace, generation, view, span, hits);
        var hasPending = shard.Trace(trace).HasHits;
        if (SpanRulesOf(generation, hits) is { IsEmpty: false } rules)
        {
            _evaluator.Hit(shard, trace, stored, generation, rules, new SpanHit(view, in span, in facts));
            CountBytes(shard, trace);
        }

        if (hasPending && !_retries.Contains(trace))
        {
            _retries.Add(trace);
        }
    }

    /// <summary>The rules that a trace is evaluated by, where these are not the ones in force.</summary>
    private RuleGeneration? FormerOf(TraceShard shard, int trace)
    {
        ref var entry = ref shard.Trace(trace);
        return entry.Generation == _generation.Number ? null : _parts.Generations.Find(entry.Generation);
    }

    // Hits are evaluated even where memory is too short for the trace.
    private void PlaceNowhere(OtlpView view, in SpanRecord span, int i)
    {
        var words = _generation.Words;
        _parts.Metrics.CountSpan(AddOutcome.NoRoom);
        if (_hasHits[i] && SpanRulesOf(_generation, _hits.AsSpan(i * words, words)) is { IsEmpty: false } rules)
        {
            var business = default(BusinessFacts);
            _reader!.Learn(view, span, ref business);
            _evaluator.HitAlone(_generation, rules, new SpanHit(view, in span, in _facts[i]), business);
        }
    }

    private void Learn(
        TraceShard shard, int trace, RuleGeneration generation, OtlpView view, in SpanRecord span, ReadOnlySpan<ulong> hits)
    {
        ref var entry = ref shard.Trace(trace);
        if (!entry.Business.IsFull)
        {
            ReaderOf(generation).Learn(view, span, ref entry.Business);
        }

        if (hits.IsEmpty || generation.TraceWords == 0)
        {
            return;
        }

        var last = generation.TraceWords - 1;
        var any = hits[..last].ContainsAnyExcept(0UL) || (hits[last] & generation.LastTraceWordMask) != 0;
        if (!any)
        {
            return;
        }

        var bits = generation.Bits[shard.Index];
        if (entry.Bits == None)
        {
            entry.Bits = bits.Take();
        }

        var target = bits[entry.Bits];
        for (var word = 0; word < last; word++)
        {
            target[word] |= hits[word];
        }

        target[last] |= hits[last] & generation.LastTraceWordMask;
        if (generation.CapturedKeys.Length > 0)
        {
            Capture(shard, trace, generation, view, span);
        }
    }

    private void Capture(TraceShard shard, int trace, RuleGeneration generation, OtlpView view, in SpanRecord span)
    {
        TraceCase? traceCase = null;
        foreach (var key in generation.CapturedKeys)
        {
            if (_parts.Cases[shard.Index].TryGet(trace, out traceCase) && traceCase.Captured?.ContainsKey(key.Name) == true)
            {
                continue;
            }

            if (_evaluator.ValueOf(key, view, span) is { } value)
            {
                traceCase = _evaluator.CaseOf(shard, trace);
                (traceCase.Captured ??= new Dictionary<string, byte[]>(StringComparer.Ordinal))[key.Name] = value;
            }
        }

        if (traceCase is not null)
        {
            CountBytes(shard, trace);
        }
    }

    private FactReader ReaderOf(RuleGeneration generation) =>
        _reader!.Slots == generation.Rules.Slots ? _reader : generation.OtherReader(_parts.Names);

    private ReadOnlySpan<ulong> MatchAgain(RuleGeneration former, OtlpView view, scoped in SpanRecord span, scoped ref SpanFacts facts)
    {
        if (_otherHits.Length < former.Words)
        {
            _otherHits = new ulong[former.Words];
        }

        var matcher = former.RentMatcher();
        matcher.Baseline = _baseline;
        _baseline.Series = _parts.History.SeriesOf(facts.Service, facts.NodeType, facts.Kind);
        var hits = _otherHits.AsSpan(0, former.Words);
        var any = matcher.Match(view, span, new PredicateHits(hits));
        matcher.Reset();
        former.Return(matcher);
        return any ? hits : default;
    }

    private ReadOnlySpan<int> SpanRulesOf(RuleGeneration generation, ReadOnlySpan<ulong> hits)
    {
        var count = 0;
        for (var word = 0; word < hits.Length; word++)
        {
            for (var rest = hits[word]; rest != 0; rest &= rest - 1)
            {
                var predicate = (word * 64) + System.Numerics.BitOperations.TrailingZeroCount(rest);
                foreach (var rule in generation.Rules.SpanRules(predicate))
                {
                    if (count == _rules.Length)
                    {
                        Array.Resize(ref _rules, count * 2);
                    }

                    _rules[count++] = rule;
                }
            }
        }

        return _rules.AsSpan(0, count);
    }
}
