using TelemetryPipeline.Attribution.Events;
using TelemetryPipeline.Attribution.Rules;

namespace TelemetryPipeline.Attribution.Evaluation;

/// <content>Rules of scope trace, chains, and rules that make others superfluous.</content>
internal sealed partial class TraceEvaluator
{
    /// <summary>Asks the rules of scope trace; those that hold for the first time are collected.</summary>
    private TraceCase? EvaluateTrace(TraceCase? traceCase)
    {
        ref var entry = ref _shard.Trace(_trace);
        var bits = entry.Bits == None ? stackalloc ulong[_generation.TraceWords] : _generation.Bits[_shard.Index][entry.Bits];
        var hits = new PredicateHits(bits);
        var failure = _chains.ChainTo(_analysis, _analysis.OriginOf([]));
        foreach (var index in _generation.Rules.TraceRules)
        {
            var rule = _generation.Rules.Rules[index];
            var holds = rule.HoldsForTrace(hits, _chains.FactsOf(_analysis, failure, entry.IsComplete));
            var known = traceCase?.Find(index);
            if (holds && known is null)
            {
                traceCase ??= CaseOf(_shard, _trace);
                _fresh.Add(NewTraceCase(rule, traceCase));
            }
            else if (!holds && known is { State: CaseState.Fired })
            {
                Withdraw(known);
            }
        }

        return traceCase;
    }

    private RuleCase NewTraceCase(Rule rule, TraceCase traceCase)
    {
        var at = OriginOfTrace();
        var chain = _chains.ChainTo(_analysis, at);
        _stored.Node = chain.Origin;
        _stored.Business = _shard.Trace(_trace).Business;
        _stored.Captured = traceCase.Captured;
        return new RuleCase(
            rule,
            EvidenceReader.OfTrace(rule.EvidenceKeys, _stored),
            _evidence.KeyOf(rule.GroupBy, _stored),
            rule.Window is null ? "" : _evidence.KeyOf(rule.Window.By, _stored),
            at == None ? 0 : _analysis.EndNs(at));
    }

    private bool HoldsForChain(RuleCase fresh)
    {
        if (fresh.Matches.Count == 0)
        {
            return fresh.Rule.HoldsForChain(_chains.FactsOf(fresh.LooseChain));
        }

        var chain = ChainOf(fresh);
        return fresh.Rule.HoldsForChain(_chains.FactsOf(_analysis, chain, _shard.Trace(_trace).IsComplete));
    }

    private FailureChain ChainOf(RuleCase known)
    {
        if (known.Matches.Count > 0)
        {
            Analyze();
            return _chains.ChainTo(_analysis, _analysis.OriginOf(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(known.Matches)));
        }

        if (known.Rule.Scope == RuleScope.Span)
        {
            return known.LooseChain;
        }

        Analyze();
        return _chains.ChainTo(_analysis, OriginOfTrace());
    }

    /// <summary>Where a trace failed first; else the span without a parent, else the one whose clock is off, else the root.</summary>
    private int OriginOfTrace()
    {
        var origin = _analysis.OriginOf([]);
        foreach (var other in (ReadOnlySpan<int>)[_analysis.Orphan, _analysis.Skewed, _analysis.Root, _analysis.Top])
        {
            origin = origin == None ? other : origin;
        }

        return origin;
    }

    private static bool IsSuperfluous(TraceCase traceCase, Rule rule)
    {
        foreach (var suppressor in rule.Suppress?.WhenFiredIndices ?? [])
        {
            if (traceCase.Find(suppressor) is { State: CaseState.Fired or CaseState.Folded } fired && CanSuppress(fired.Rule, rule))
            {
                return true;
            }
        }

        return false;
    }

    // A rule on trial alerts nobody, so it must not keep another from doing so.
    private static bool CanSuppress(Rule suppressor, Rule other) =>
        suppressor.Status == RuleStatus.Active || other.Status == RuleStatus.Shadow;

    private void WithdrawSuperfluous(TraceCase traceCase, Rule fired)
    {
        foreach (var known in traceCase.Rules)
        {
            if (known.State == CaseState.Fired && known.Rule.Suppress is { } suppress
                && Contains(suppress.WhenFiredIndices, fired.Index) && CanSuppress(fired, known.Rule))
            {
                parts.Metrics.SuppressedByRule.Add(1);
                Withdraw(known);
            }
        }
    }

    private static bool Contains(IReadOnlyList<int> list, int value)
    {
        foreach (var one in list)
        {
            if (one == value)
            {
                return true;
            }
        }

        return false;
    }

    private void Withdraw(RuleCase known)
    {
        known.State = CaseState.Withdrawn;
        if (known.Event is { IsResolved: false } fired)
        {
            fired.IsResolved = true;
            fired.Revision++;
            output.Emit(fired);
        }
    }
}
