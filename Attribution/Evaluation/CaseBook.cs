using System.Diagnostics.CodeAnalysis;
using TelemetryPipeline.Attribution.Traces;

namespace TelemetryPipeline.Attribution.Evaluation;

/// <summary>What rules have to do with the traces of one shard. Used by whoever holds the shard.</summary>
/// <param name="budget">What the cases of all shards may take.</param>
internal sealed class CaseBook(MemoryBudget budget)
{
    private readonly Dictionary<int, TraceCase> _cases = [];
    private readonly Queue<TraceCase> _byAge = new();

    /// <summary>Traces that rules have to do with.</summary>
    public int Count => _cases.Count;

    /// <summary>Whether the oldest cases should make room.</summary>
    public bool IsOverBudget => budget.UsedBytes > budget.LimitBytes;

    /// <summary>The case of a trace.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="traceCase">Its case.</param>
    /// <returns>False where there is none.</returns>
    public bool TryGet(int trace, [NotNullWhen(true)] out TraceCase? traceCase) => _cases.TryGetValue(trace, out traceCase);

    /// <summary>Makes a case for a trace that has none.</summary>
    /// <param name="trace">The trace.</param>
    public TraceCase Add(int trace)
    {
        DropGone();
        var traceCase = new TraceCase(trace);
        _cases.Add(trace, traceCase);
        _byAge.Enqueue(traceCase);
        return traceCase;
    }

    /// <summary>Counts what a case takes now.</summary>
    /// <param name="traceCase">The case.</param>
    public void CountBytes(TraceCase traceCase)
    {
        var more = traceCase.SizeBytes - traceCase.CountedBytes;
        traceCase.CountedBytes += more;
        budget.Take(more);
    }

    /// <summary>The trace of the oldest case; -1 where there is none.</summary>
    public int Oldest
    {
        get
        {
            DropGone();
            return _byAge.TryPeek(out var oldest) ? oldest.Trace : TraceShard.None;
        }
    }

    /// <summary>Forgets the case of a trace, if it has one.</summary>
    /// <param name="trace">The trace.</param>
    public void Remove(int trace)
    {
        if (_cases.Remove(trace, out var traceCase))
        {
            traceCase.IsGone = true;
            budget.Return(traceCase.CountedBytes);
        }
    }

    private void DropGone()
    {
        while (_byAge.TryPeek(out var oldest) && oldest.IsGone)
        {
            _byAge.Dequeue();
        }
    }
}
