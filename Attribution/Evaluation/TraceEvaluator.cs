using System.IO.Hashing;
using TelemetryPipeline.Attribution.Events;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Attribution.Traces;
using TelemetryPipeline.Attribution.Windows;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Evaluation;

/// <summary>
/// Turns hits of rules into events: at once where a span decides, when a trace is decided for everything else, and again
/// when more is known. One for each thread; whoever calls holds the trace's shard.
/// </summary>
/// <param name="parts">What all threads share.</param>
/// <param name="output">Where events go.</param>
internal sealed partial class TraceEvaluator(AttributionParts parts, IEventOutput output)
{
    private const int None = TraceShard.None;

    private readonly TraceAnalysis _analysis = new();
    private readonly ChainBuilder _chains = new(parts.Names);
    private readonly EvidenceReader _evidence = new(parts.Names);
    private readonly StoredValues _stored = new(parts.Names);
    private readonly List<RuleCase> _fresh = [];
    private readonly long _toleranceNs = parts.Settings.ClockSkewTolerance.Ticks * 100;
    private TraceShard _shard = null!;
    private RuleGeneration _generation = null!;
    private int _trace;
    private bool _isAnalyzed;
    private Func<HitSample>? _sample;
    private RuleCase? _sampled;
    private BusinessFacts _sampledBusiness;

    /// <summary>The time in milliseconds since the Unix epoch, for windows and statistics.</summary>
    public long WallMs { get; set; }

    /// <summary>Takes a span that rules of scope span hit.</summary>
    /// <param name="shard">Its shard.</param>
    /// <param name="trace">Its trace.</param>
    /// <param name="span">Where it is stored; -1 where it is not.</param>
    /// <param name="generation">The rules.</param>
    /// <param name="rules">Indices of the rules that hit.</param>
    /// <param name="hit">The span.</param>
    public void Hit(
        TraceShard shard, int trace, int span, RuleGeneration generation, ReadOnlySpan<int> rules, in SpanHit hit)
    {
        Begin(shard, trace, generation);
        var traceCase = CaseOf(shard, trace);
        foreach (var index in rules)
        {
            if (traceCase.Find(index) is { } known)
            {
                if (span != None)
                {
                    known.Matches.Add(span);
                }
            }
            else
            {
                _fresh.Add(NewCase(generation.Rules.Rules[index], span, hit));
            }
        }

        Decide(traceCase, shard.Trace(trace).Business, isFinal: false);
    }

    /// <summary>Takes a span that rules hit and that belongs to no trace, since it has no ids.</summary>
    /// <param name="generation">The rules.</param>
    /// <param name="rules">Indices of the rules that hit.</param>
    /// <param name="hit">The span.</param>
    /// <param name="business">Whose transfer it is of.</param>
    public void HitAlone(RuleGeneration generation, ReadOnlySpan<int> rules, in SpanHit hit, in BusinessFacts business)
    {
        Begin(null!, None, generation);
        foreach (var index in rules)
        {
            _fresh.Add(NewCase(generation.Rules.Rules[index], None, hit));
        }

        Decide(new TraceCase(None), business, isFinal: true);
    }

    /// <summary>Looks again at rules whose conditions on the chain did not hold, since spans have come.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="trace">The trace.</param>
    /// <param name="generation">The rules.</param>
    public void Retry(TraceShard shard, int trace, RuleGeneration generation)
    {
        if (!parts.Cases[shard.Index].TryGet(trace, out var traceCase))
        {
            return;
        }

        Begin(shard, trace, generation);
        AddPending(traceCase);
        Decide(traceCase, shard.Trace(trace).Business, isFinal: false);
    }

    /// <summary>Decides a trace, or brings its events up to date: rules of scope trace, pending rules, changed chains.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="trace">The trace.</param>
    /// <param name="generation">The rules.</param>
    /// <param name="isWhole">Whether the trace was waited for; else what no or every span is like cannot be said.</param>
    public void Evaluate(TraceShard shard, int trace, RuleGeneration generation, bool isWhole)
    {
        Begin(shard, trace, generation);
        parts.Cases[shard.Index].TryGet(trace, out var traceCase);
        if (isWhole && !generation.Rules.TraceRules.IsEmpty)
        {
            Analyze();
            traceCase = EvaluateTrace(traceCase);
        }

        if (traceCase is null)
        {
            return;
        }

        AddPending(traceCase);
        Decide(traceCase, shard.Trace(trace).Business, isFinal: isWhole);
        foreach (var known in traceCase.Rules)
        {
            Amend(known);
        }

    }

    /// <summary>What rules have to do with a trace, made where there is nothing yet.</summary>
    public TraceCase CaseOf(TraceShard shard, int trace)
    {
        var cases = parts.Cases[shard.Index];
        if (cases.TryGet(trace, out var known))
        {
            return known;
        }

        shard.Trace(trace).HasHits = true;
        return cases.Add(trace);
    }

    /// <summary>A value of a span.</summary>
    public byte[]? ValueOf(RuleKey key, OtlpView view, in SpanRecord span) => _evidence.ValueOf(key, view, span);

    private void Begin(TraceShard shard, int trace, RuleGeneration generation)
    {
        (_shard, _trace, _generation, _isAnalyzed) = (shard, trace, generation, false);
        _fresh.Clear();
    }

    private void Analyze()
    {
        if (!_isAnalyzed)
        {
            _analysis.Analyze(_shard, _trace, _toleranceNs);
            _isAnalyzed = true;
            ref var entry = ref _shard.Trace(_trace);
            if (_analysis.CycleCount > 0 && !entry.IsCyclic)
            {
                entry.IsCyclic = true;
                parts.Metrics.Cycles.Add(1);
            }
        }
    }

    private RuleCase NewCase(Rule rule, int span, in SpanHit hit)
    {
        var created = new RuleCase(
            rule,
            _evidence.OfSpan(rule.EvidenceKeys, hit.View, hit.Record),
            _evidence.KeyOf(rule.GroupBy, hit.View, hit.Record),
            rule.Window is null ? "" : _evidence.KeyOf(rule.Window.By, hit.View, hit.Record),
            hit.Record.EndNs)
        {
            LooseChain = span == None ? ChainBuilder.ChainOf(hit.Facts) : FailureChain.None,
        };
        if (span != None)
        {
            created.Matches.Add(span);
        }

        return created;
    }

    private void AddPending(TraceCase traceCase)
    {
        for (var i = traceCase.Rules.Count - 1; i >= 0; i--)
        {
            if (traceCase.Rules[i].State == CaseState.Pending)
            {
                _fresh.Add(traceCase.Rules[i]);
                traceCase.Rules.RemoveAt(i);
            }
        }
    }

    /// <summary>Decides the rules that are collected, those first that can make others superfluous.</summary>
    private void Decide(TraceCase traceCase, in BusinessFacts business, bool isFinal)
    {
        if (_fresh.Count > 1)
        {
            var generation = _generation;
            _fresh.Sort((a, b) => generation.RankOf(a.Rule.Index).CompareTo(generation.RankOf(b.Rule.Index)));
        }

        foreach (var fresh in _fresh)
        {
            traceCase.Rules.Add(fresh);
            TryFire(traceCase, fresh, business, isFinal);
            fresh.Close();
        }

        _fresh.Clear();
    }

    private void TryFire(TraceCase traceCase, RuleCase fresh, in BusinessFacts business, bool isFinal)
    {
        var rule = fresh.Rule;
        if (rule is { HasChain: true, Scope: RuleScope.Span } && ((rule.NeedsWholeTrace && !isFinal) || !HoldsForChain(fresh)))
        {
            fresh.State = CaseState.Pending;
            return;
        }

        _generation.Stats[rule.Index].Hit(WallMs);
        if (IsSuperfluous(traceCase, rule))
        {
            fresh.State = CaseState.Withdrawn;
            parts.Metrics.SuppressedByRule.Add(1);
            return;
        }

        var hit = HitOf(fresh, business);
        if (rule.Window is not null)
        {
            fresh.State = CaseState.Counted;
            (_sampled, _sampledBusiness) = (fresh, business);
            parts.Windows.Add(rule, fresh.WindowKey, hit, _sample ??= Sample, fresh.GroupKey, WallMs, output);
            return;
        }

        var chain = ChainOf(fresh);
        var impact = new Impact(hit.Customer == 0 ? 0 : 1, hit.Amount, hit.Currency);
        var folded = 0L;
        if (rule.Suppress is { For.Ticks: > 0 } && !parts.Gate.TryPass(rule, fresh.GroupKey, WallMs, hit, out folded, out impact))
        {
            fresh.State = CaseState.Folded;
            parts.Metrics.SuppressedRepeat.Add(1);
        }
        else
        {
            Fire(fresh, chain, business, folded, impact);
        }

        WithdrawSuperfluous(traceCase, rule);
    }

    private void Fire(RuleCase fresh, FailureChain chain, in BusinessFacts business, long folded, in Impact impact)
    {
        var rule = fresh.Rule;
        fresh.State = CaseState.Fired;
        fresh.Event = new RuleEvent
        {
            Rule = rule,
            Scope = rule.Scope == RuleScope.Trace ? EventScope.Trace : EventScope.Span,
            Id = _trace == None
                ? EventIds.OfSpan(rule, chain.Origin.SpanId, chain.Origin.StartNs, fresh.TimeNs)
                : EventIds.OfTrace(rule, _shard.Trace(_trace).IdHigh, _shard.Trace(_trace).IdLow),
            TraceIdHigh = _trace == None ? 0 : _shard.Trace(_trace).IdHigh,
            TraceIdLow = _trace == None ? 0 : _shard.Trace(_trace).IdLow,
            Evidence = fresh.Evidence,
            GroupKey = fresh.GroupKey,
            SuppressedCount = folded,
            TimeNs = fresh.TimeNs,
            Chain = chain,
            Business = business,
            Impact = impact,
        };
        output.Emit(fresh.Event);
    }

    private void Amend(RuleCase known)
    {
        if (known is not { State: CaseState.Fired, Event: { } fired } || fired.IsResolved)
        {
            return;
        }

        var chain = ChainOf(known);
        ref var business = ref _shard.Trace(_trace).Business;
        if (chain.IsSameAs(fired.Chain) && business.KnownCount == fired.Business.KnownCount)
        {
            return;
        }

        fired.Chain = chain;
        if (fired.Impact is { Customers: 0, Amount: 0 })
        {
            var hit = HitOf(known, business);
            fired.Impact = new Impact(hit.Customer == 0 ? 0 : 1, hit.Amount, hit.Currency);
        }

        fired.Business = business;
        fired.Revision++;
        output.Emit(fired);
    }

    private WindowHit HitOf(RuleCase fresh, in BusinessFacts business)
    {
        var customer = business.CustomerId.IsEmpty ? 0 : Math.Max(XxHash3.HashToUInt64(business.CustomerId), 1);
        var trace = _trace == None
            ? TraceIndex.Hash(fresh.LooseChain.Origin.SpanId, fresh.LooseChain.Origin.StartNs)
            : TraceIndex.Hash(_shard.Trace(_trace).IdHigh, _shard.Trace(_trace).IdLow);
        return new WindowHit(trace, fresh.TimeNs, customer, business.Amount, business.Currency, business.HasAmount);
    }

    // Following a chain through a trace is the most expensive step, and few hits make a window fire.
    private HitSample Sample() => new()
    {
        TraceIdHigh = _trace == None ? 0 : _shard.Trace(_trace).IdHigh,
        TraceIdLow = _trace == None ? 0 : _shard.Trace(_trace).IdLow,
        TimeNs = _sampled!.TimeNs,
        Chain = ChainOf(_sampled),
        Evidence = _sampled.Evidence,
        Business = _sampledBusiness,
    };
}
