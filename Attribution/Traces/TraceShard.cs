namespace TelemetryPipeline.Attribution.Traces;

/// <summary>
/// A part of the traces: their records, their spans, and when each is due. Whoever uses it holds <see cref="Gate"/>, for
/// all the spans of a batch that belong here at once.
/// </summary>
internal sealed class TraceShard
{
    /// <summary>The index that stands for no trace and for no span.</summary>
    public const int None = PagedSlab<TraceEntry>.None;

    private readonly TraceLimits _limits;
    private readonly PagedSlab<TraceEntry> _traces;
    private readonly PagedSlab<StoredSpan> _spans;
    private readonly TraceIndex _traceIndex;
    private readonly SpanIndex _spanIndex;
    private readonly TimingWheel _wheel;
    private readonly AgeList _open;
    private readonly AgeList _decided;

    /// <summary>An empty shard.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="limits">Bounds and times.</param>
    /// <param name="budget">What all shards may take together.</param>
    public TraceShard(int index, TraceLimits limits, MemoryBudget budget)
    {
        Index = index;
        _limits = limits;
        _traces = new PagedSlab<TraceEntry>(budget);
        _spans = new PagedSlab<StoredSpan>(budget);
        _traceIndex = new TraceIndex(_traces);
        _spanIndex = new SpanIndex(_spans);
        _wheel = new TimingWheel(_traces);
        _open = new AgeList(_traces);
        _decided = new AgeList(_traces);
    }

    /// <summary>Its number.</summary>
    public int Index { get; }

    /// <summary>Held by whoever uses the shard.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Traces whose spans are gathered.</summary>
    public int OpenCount => _open.Count;

    /// <summary>Traces that are decided and remembered.</summary>
    public int DecidedCount => _decided.Count;

    /// <summary>Whether it holds as many traces as it may.</summary>
    public bool IsFull => _open.Count + _decided.Count >= _limits.TracesMax;

    /// <summary>Spans stored, and places of spans that have not come.</summary>
    public int SpanCount => _spans.Count;

    /// <summary>A trace.</summary>
    /// <param name="index">Its index.</param>
    public ref TraceEntry Trace(int index) => ref _traces[index];

    /// <summary>A span.</summary>
    /// <param name="index">Its index.</param>
    public ref StoredSpan Span(int index) => ref _spans[index];

    /// <summary>The trace with an id, or -1.</summary>
    /// <param name="idHigh">First 8 bytes.</param>
    /// <param name="idLow">Last 8 bytes.</param>
    public int Find(ulong idHigh, ulong idLow) => _traceIndex.Find(idHigh, idLow);

    /// <summary>Opens a trace that is not in the shard.</summary>
    /// <param name="facts">Its first span.</param>
    /// <param name="generation">Number of the rules that it is evaluated by.</param>
    /// <param name="nowMs">The time.</param>
    /// <returns>The trace, or -1 where another has to go first.</returns>
    public int Open(in SpanFacts facts, int generation, long nowMs)
    {
        if (IsFull)
        {
            return None;
        }

        var trace = _traces.Take();
        if (trace == None)
        {
            return None;
        }

        _traces[trace] = new TraceEntry
        {
            IdHigh = facts.TraceIdHigh,
            IdLow = facts.TraceIdLow,
            OpenedMs = nowMs,
            LastMs = nowMs,
            FirstSpan = None,
            WheelSlot = None,
            Bits = None,
            Generation = generation,
        };
        _traceIndex.Add(trace);
        _open.Add(trace);
        _wheel.Schedule(trace, nowMs + _limits.DecisionWaitMs);
        return trace;
    }

    /// <summary>Puts a span into its trace.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="facts">The span.</param>
    /// <param name="nowMs">The time.</param>
    /// <param name="span">Where it is stored, also for a duplicate; -1 where it is not.</param>
    public AddOutcome Add(int trace, in SpanFacts facts, long nowMs, out int span)
    {
        ref var entry = ref _traces[trace];
        span = None;
        var place = _spanIndex.Find(trace, facts.SpanId);
        if (place != None && !_spans[place].IsMissing)
        {
            span = place;
            return AddOutcome.Duplicate;
        }

        if (entry.SpanCount >= _limits.SpansPerTraceMax)
        {
            entry.IsTruncated = true;
            return AddOutcome.TraceFull;
        }

        // First the parent's place, then its own: where there is room for one only, nothing has changed but a place
        // that the next attempt finds.
        if (!TryPlaceOf(trace, ref entry, facts.ParentSpanId, out var parent)
            || !TryPlaceOf(trace, ref entry, facts.SpanId, out place))
        {
            return AddOutcome.NoRoom;
        }

        span = place;
        entry.MissingCount--;
        Store(ref _spans[span], facts, parent);
        return Arrived(trace, ref entry, facts, nowMs);
    }

    /// <summary>Marks that spans of a trace were left out for want of room.</summary>
    /// <param name="trace">The trace.</param>
    public void Truncate(int trace) => _traces[trace].IsTruncated = true;

    /// <summary>A trace that is due: to be decided, amended or forgotten; -1 when none is any more.</summary>
    /// <param name="nowMs">The time.</param>
    public int NextDue(long nowMs)
    {
        while (_wheel.NextDue(nowMs) is var trace and not None)
        {
            ref var entry = ref _traces[trace];
            if (DueMs(entry) is var dueMs && dueMs <= nowMs)
            {
                return trace;
            }

            _wheel.Schedule(trace, dueMs);
        }

        return None;
    }

    /// <summary>The trace to go first when room is needed: one that is decided, else the oldest; -1 where there is none.</summary>
    /// <param name="except">A trace that must stay.</param>
    public int Oldest(int except)
    {
        foreach (var list in (ReadOnlySpan<AgeList>)[_decided, _open])
        {
            var trace = list.Oldest == except && except != None ? _traces[except].Newer : list.Oldest;
            if (trace != None)
            {
                return trace;
            }
        }

        return None;
    }

    /// <summary>Notes that a trace was decided, and until when it is remembered.</summary>
    /// <param name="trace">An open trace.</param>
    /// <param name="nowMs">The time.</param>
    public void Decided(int trace, long nowMs)
    {
        ref var entry = ref _traces[trace];
        _open.Remove(trace);
        _decided.Add(trace);
        entry.HasLateSpans = false;
        entry.OpenedMs = nowMs;
        entry.Phase = TracePhase.Decided;
        _wheel.Schedule(trace, nowMs + _limits.LateWaitMs);
    }

    /// <summary>Notes that a decided trace's events were amended for the spans that came late.</summary>
    /// <param name="trace">A decided trace.</param>
    public void Amended(int trace)
    {
        ref var entry = ref _traces[trace];
        entry.HasLateSpans = false;
        _wheel.Schedule(trace, DueMs(entry));
    }

    /// <summary>Whether a decided trace's time is over.</summary>
    /// <param name="trace">A trace that is due.</param>
    /// <param name="nowMs">The time.</param>
    public bool IsOver(int trace, long nowMs) =>
        _traces[trace] is { Phase: not TracePhase.Open } entry && entry.OpenedMs + _limits.LateWaitMs <= nowMs;

    /// <summary>Forgets a trace.</summary>
    /// <param name="trace">The trace.</param>
    public void Forget(int trace)
    {
        ref var entry = ref _traces[trace];
        ForgetSpans(entry);
        _wheel.Remove(trace);
        (entry.Phase == TracePhase.Open ? _open : _decided).Remove(trace);
        _traceIndex.Remove(trace);
        _traces.Return(trace);
    }

    private static void Store(ref StoredSpan span, in SpanFacts facts, int parent)
    {
        span.ParentId = facts.ParentSpanId;
        span.Parent = parent;
        span.StartNs = facts.StartNs;
        span.EndNs = facts.EndNs;
        span.Service = facts.Service;
        span.Namespace = facts.Namespace;
        span.NodeType = facts.NodeType;
        span.Name = facts.Name;
        span.Status = facts.Status;
        span.Code = facts.Code;
        span.Kind = facts.Kind;
        span.HasFailed = facts.HasFailed;
        span.IsMissing = false;
    }

    private AddOutcome Arrived(int trace, ref TraceEntry entry, in SpanFacts facts, long nowMs)
    {
        entry.SpanCount++;
        entry.RootCount += facts.ParentSpanId == 0 ? 1 : 0;
        entry.LastMs = nowMs;
        var isLate = entry.Phase == TracePhase.Decided;
        entry.HasLateSpans |= isLate;

        // Times only move on while spans come, and a trace that is looked at too early is put back. So only what makes it
        // due earlier needs to be told.
        if (DueMs(entry) is var dueMs && dueMs < entry.DueMs)
        {
            _wheel.Schedule(trace, dueMs);
        }

        return isLate ? AddOutcome.AddedLate : AddOutcome.Added;
    }

    private long DueMs(in TraceEntry entry)
    {
        var quiet = entry.LastMs + _limits.QuietMs;
        if (entry.Phase == TracePhase.Open)
        {
            var latest = entry.OpenedMs + _limits.DecisionWaitMs;
            return entry.IsComplete ? Math.Min(latest, quiet) : latest;
        }

        var forgotten = entry.OpenedMs + _limits.LateWaitMs;
        return entry is { Phase: TracePhase.Decided, HasLateSpans: true } ? Math.Min(forgotten, quiet) : forgotten;
    }

    /// <summary>The record of a span, made as one that has not come where there is none.</summary>
    private bool TryPlaceOf(int trace, ref TraceEntry entry, ulong id, out int place)
    {
        place = id == 0 ? None : _spanIndex.Find(trace, id);
        if (id == 0 || place != None)
        {
            return true;
        }

        place = _spans.Take();
        if (place == None)
        {
            return false;
        }

        _spans[place] = new StoredSpan { Id = id, Trace = trace, Parent = None, IsMissing = true, NextInTrace = entry.FirstSpan };
        _spanIndex.Add(place);
        entry.FirstSpan = place;
        entry.MissingCount++;
        return true;
    }

    private void ForgetSpans(in TraceEntry entry)
    {
        for (var span = entry.FirstSpan; span != None;)
        {
            var next = _spans[span].NextInTrace;
            _spanIndex.Remove(span);
            _spans.Return(span);
            span = next;
        }
    }
}
