using TelemetryPipeline.Attribution.Traces;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Attribution.Evaluation;

/// <content>The life of traces: opening, deciding, making room, forgetting.</content>
internal sealed partial class TraceIntake
{
    // Traces that are decided before the shard is given to others.
    private const int DueMax = 256;

    /// <summary>Decides the traces of a shard that are due.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="nowMs">The time that runs evenly, in milliseconds.</param>
    /// <param name="wallNs">The time in nanoseconds since the Unix epoch.</param>
    /// <returns>Whether there are more.</returns>
    public bool DecideDue(TraceShard shard, long nowMs, ulong wallNs)
    {
        BeginLife(nowMs, wallNs);
        lock (shard.Gate)
        {
            for (var done = 0; done < DueMax; done++)
            {
                if (shard.NextDue(nowMs) is not (var trace and not None))
                {
                    return false;
                }

                Due(shard, trace);
            }
        }

        return true;
    }

    /// <summary>Decides all traces of a shard at once, whether they are due or not, and forgets them.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="nowMs">The time that runs evenly, in milliseconds.</param>
    /// <param name="wallNs">The time in nanoseconds since the Unix epoch.</param>
    /// <returns>Whether there are more.</returns>
    public bool DecideAll(TraceShard shard, long nowMs, ulong wallNs)
    {
        BeginLife(nowMs, wallNs);
        lock (shard.Gate)
        {
            for (var done = 0; done < DueMax; done++)
            {
                if (shard.Oldest(None) is not (var trace and not None))
                {
                    return false;
                }

                if (shard.Trace(trace).Phase == TracePhase.Open)
                {
                    _parts.Metrics.DecidedShutdown.Add(1);
                    Evaluate(shard, trace, shard.Trace(trace).IsComplete);
                }
                else if (shard.Trace(trace).HasLateSpans)
                {
                    Evaluate(shard, trace, isWhole: true);
                }

                Forget(shard, trace);
            }
        }

        return true;
    }

    private void BeginLife(long nowMs, ulong wallNs)
    {
        _nowMs = nowMs;
        Events.ObservedNs = wallNs;
        _evaluator.WallMs = (long)(wallNs / 1_000_000);
    }

    private void Due(TraceShard shard, int trace)
    {
        ref var entry = ref shard.Trace(trace);
        switch (entry.Phase)
        {
            case TracePhase.Open:
                (entry.IsComplete ? _parts.Metrics.DecidedComplete : _parts.Metrics.DecidedWait).Add(1);
                Evaluate(shard, trace, isWhole: true);
                CountBytes(shard, trace);
                shard.Decided(trace, _nowMs);
                break;
            case TracePhase.Decided when entry.HasLateSpans:
                Evaluate(shard, trace, isWhole: true);
                shard.Amended(trace);
                break;
            default:
                Forget(shard, trace);
                break;
        }
    }

    private int Open(TraceShard shard, in SpanFacts facts)
    {
        int trace;
        while ((trace = shard.Open(facts, _generation.Number, _nowMs)) == None)
        {
            if (!MakeRoom(shard, None))
            {
                return None;
            }
        }

        _generation.CountTrace(shard.Index, 1);
        return trace;
    }

    private AddOutcome Add(TraceShard shard, int trace, in SpanFacts facts, out int stored)
    {
        while (true)
        {
            var outcome = shard.Add(trace, facts, _nowMs, out stored);
            if (outcome != AddOutcome.NoRoom)
            {
                return outcome;
            }

            if (!MakeRoom(shard, trace))
            {
                shard.Truncate(trace);
                return outcome;
            }
        }
    }

    private bool MakeRoom(TraceShard shard, int except)
    {
        var oldest = shard.Oldest(except);
        if (oldest == None)
        {
            return false;
        }

        Evict(shard, oldest, shard.IsFull ? _parts.Metrics.EvictedForCount : _parts.Metrics.EvictedForBytes);
        return true;
    }

    private void Evict(TraceShard shard, int trace, (Counter Open, Counter Decided) reason)
    {
        ref var entry = ref shard.Trace(trace);
        (entry.Phase == TracePhase.Open ? reason.Open : reason.Decided).Add(1);
        if (entry.Phase == TracePhase.Open)
        {
            _parts.Metrics.DecidedEvicted.Add(1);
            if (!entry.IsComplete)
            {
                _parts.Metrics.UndecidedTraces.Add(1);
            }

            Evaluate(shard, trace, entry.IsComplete);
        }
        else if (entry.HasLateSpans)
        {
            Evaluate(shard, trace, isWhole: true);
        }

        Forget(shard, trace);
    }

    private void Evaluate(TraceShard shard, int trace, bool isWhole)
    {
        if (_parts.Generations.Find(shard.Trace(trace).Generation) is { } generation)
        {
            _evaluator.Evaluate(shard, trace, generation, isWhole);
        }
    }

    private void Retry(TraceShard shard, int trace)
    {
        if (shard.Trace(trace).HasHits && _parts.Generations.Find(shard.Trace(trace).Generation) is { } generation)
        {
            _evaluator.Retry(shard, trace, generation);
        }
    }

    private void Forget(TraceShard shard, int trace)
    {
        LeaveGeneration(shard, trace);
        _parts.Cases[shard.Index].Remove(trace);
        shard.Forget(trace);
    }

    private void LeaveGeneration(TraceShard shard, int trace)
    {
        ref var entry = ref shard.Trace(trace);
        if (_parts.Generations.Find(entry.Generation) is not { } generation)
        {
            return;
        }

        generation.CountTrace(shard.Index, -1);
        if (entry.Bits != None)
        {
            generation.Bits[shard.Index].Return(entry.Bits);
            entry.Bits = None;
        }
    }

    /// <summary>Counts what is kept for a trace's events; where all of it is too much, the oldest make room.</summary>
    private void CountBytes(TraceShard shard, int trace)
    {
        var cases = _parts.Cases[shard.Index];
        if (!cases.TryGet(trace, out var traceCase))
        {
            return;
        }

        cases.CountBytes(traceCase);
        while (cases.IsOverBudget && cases.Oldest is var oldest && oldest != None && oldest != trace)
        {
            Evict(shard, oldest, _parts.Metrics.EvictedForBytes);
        }
    }
}
