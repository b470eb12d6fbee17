using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Traces;

/// <summary>
/// The structure of a trace as known now: who called whom, clocks set right, and which spans failed first. Working
/// memory that is used again; not thread-safe. Results depend on the spans alone, not on the order they came in.
/// </summary>
/// <remarks>
/// A span whose parent has not come is an orphan and begins a tree of its own. Where parents lead in a circle, the circle
/// is cut above its earliest span (by start, then id). A span of another service than its parent's that lies outside of it
/// is taken to come from a clock that is off, and is moved with everything below it by the least that puts it
/// inside; consumers of messages may well begin after the producer's span, and are left alone.
/// </remarks>
internal sealed class TraceAnalysis
{
    private const int None = -1;
    private const int SizeLeast = 64;

    private int[] _span = [];
    private int[] _parent = [];
    private int[] _firstChild = [];
    private int[] _nextSibling = [];
    private int[] _order = [];
    private int[] _depth = [];
    private int[] _mark = [];
    private long[] _shiftNs = [];
    private bool[] _failsBelow = [];
    private bool[] _isUnderMatch = [];
    private bool[] _isMatch = [];
    private TraceShard _shard = null!;
    private long _toleranceNs;

    /// <summary>Spans of the trace that have come.</summary>
    public int Count { get; private set; }

    /// <summary>Spans whose parent has not come.</summary>
    public int OrphanCount { get; private set; }

    /// <summary>Circles of parents that were cut.</summary>
    public int CycleCount { get; private set; }

    /// <summary>The earliest root of the trace, as a place of this analysis; -1 while none is known.</summary>
    public int Root { get; private set; }

    /// <summary>Roots of the trace: spans that say that they have no parent.</summary>
    public int RootCount { get; private set; }

    /// <summary>The earliest span that begins a tree; -1 in a trace without spans.</summary>
    public int Top { get; private set; }

    /// <summary>The earliest span whose parent has not come; -1 where there is none.</summary>
    public int Orphan { get; private set; }

    /// <summary>The span that lay furthest outside its parent; -1 where all clocks agree.</summary>
    public int Skewed { get; private set; }

    /// <summary>The most that a clock was off between a span and its parent, in nanoseconds; 0 within the tolerance.</summary>
    public long ClockSkewNs { get; private set; }

    /// <summary>The longest path, in spans.</summary>
    public int Depth { get; private set; }

    /// <summary>From the first start to the last end, clocks set right, in nanoseconds; null where no span has them.</summary>
    public long? DurationNs { get; private set; }

    /// <summary>Looks at a trace.</summary>
    /// <param name="shard">The trace's shard, which is held.</param>
    /// <param name="trace">The trace.</param>
    /// <param name="toleranceNs">Differences of clocks up to this are not reported, though corrected.</param>
    public void Analyze(TraceShard shard, int trace, long toleranceNs)
    {
        _shard = shard;
        _toleranceNs = toleranceNs;
        Collect(shard.Trace(trace).FirstSpan, shard.Trace(trace).SpanCount);
        LinkParents();
        CutCycles();
        Order();
        SetClocks();
        FindFailures();
    }

    /// <summary>A span of the trace.</summary>
    /// <param name="at">Its place, below <see cref="Count"/>.</param>
    public ref StoredSpan Span(int at) => ref _shard.Span(_span[at]);

    /// <summary>When it started, its clock set right, in nanoseconds since the Unix epoch; 0 where that is missing.</summary>
    /// <param name="at">Its place.</param>
    public ulong StartNs(int at) => Shifted(Span(at).StartNs, at);

    /// <summary>When it ended, its clock set right, in nanoseconds since the Unix epoch; 0 where that is missing.</summary>
    /// <param name="at">Its place.</param>
    public ulong EndNs(int at) => Shifted(Span(at).EndNs, at);

    /// <summary>The place of its parent; -1 for a root, an orphan, and where a circle was cut.</summary>
    /// <param name="at">Its place.</param>
    public int ParentOf(int at) => _parent[at];

    /// <summary>Spans from the top of its tree to it, both counted.</summary>
    /// <param name="at">Its place.</param>
    public int DepthOf(int at) => _depth[at];

    /// <summary>
    /// Where a failure began: of the failing spans with no failing one below them that lie at or below one of the given
    /// spans, the deepest; of these the one that ended first, then the one with the smallest id. Where nothing of the kind
    /// is there, the same choice among the given spans themselves.
    /// </summary>
    /// <param name="matches">Records of spans of this trace; none stands for the whole trace.</param>
    /// <returns>The origin's place; -1 in a trace where nothing failed, when no spans were given.</returns>
    public int OriginOf(ReadOnlySpan<int> matches)
    {
        Array.Clear(_isMatch, 0, Count);
        foreach (var match in matches)
        {
            _isMatch[_shard.Span(match).Local] = true;
        }

        var origin = None;
        for (var i = 0; i < Count; i++)
        {
            var at = _order[i];
            var parent = _parent[at];
            _isUnderMatch[at] = matches.IsEmpty || _isMatch[at] || (parent != None && _isUnderMatch[parent]);
            if (_isUnderMatch[at] && Span(at).HasFailed && !_failsBelow[at])
            {
                origin = Better(origin, at);
            }
        }

        for (var at = 0; origin == None && at < Count; at++)
        {
            if (_isMatch[at])
            {
                return BestMatch();
            }
        }

        return origin;
    }

    /// <summary>The path from the top of its tree to a span.</summary>
    /// <param name="at">The span's place.</param>
    /// <param name="path">Filled with places, the top first; as long as <see cref="DepthOf"/> says.</param>
    public void PathTo(int at, Span<int> path)
    {
        for (var i = _depth[at] - 1; i >= 0; i--)
        {
            path[i] = at;
            at = _parent[at];
        }
    }

    /// <summary>Whether the path to a span begins at a root of the trace.</summary>
    /// <param name="at">The span's place.</param>
    public bool IsPathComplete(int at)
    {
        while (_parent[at] != None)
        {
            at = _parent[at];
        }

        return Span(at).ParentId == 0;
    }

    private int BestMatch()
    {
        var best = None;
        for (var at = 0; at < Count; at++)
        {
            best = _isMatch[at] ? Better(best, at) : best;
        }

        return best;
    }

    private int Better(int one, int other)
    {
        if (one == None)
        {
            return other;
        }

        if (_depth[one] != _depth[other])
        {
            return _depth[one] > _depth[other] ? one : other;
        }

        var (oneEnd, otherEnd) = (EndNs(one), EndNs(other));
        return oneEnd != otherEnd ? (oneEnd < otherEnd ? one : other) : Span(one).Id < Span(other).Id ? one : other;
    }

    private void Collect(int first, int count)
    {
        if (_span.Length < count)
        {
            Resize(Math.Max(count, Math.Max(_span.Length * 2, SizeLeast)));
        }

        Count = 0;
        for (var span = first; span != None;)
        {
            ref var stored = ref _shard.Span(span);
            stored.Local = stored.IsMissing ? None : Count;
            if (!stored.IsMissing)
            {
                _span[Count++] = span;
            }

            span = stored.NextInTrace;
        }
    }

    private void Resize(int size)
    {
        _span = new int[size];
        _parent = new int[size];
        _firstChild = new int[size];
        _nextSibling = new int[size];
        _order = new int[size];
        _depth = new int[size];
        _mark = new int[size];
        _shiftNs = new long[size];
        _failsBelow = new bool[size];
        _isUnderMatch = new bool[size];
        _isMatch = new bool[size];
    }

    private void LinkParents()
    {
        (OrphanCount, RootCount, Root, Orphan) = (0, 0, None, None);
        for (var at = 0; at < Count; at++)
        {
            ref var stored = ref Span(at);
            _parent[at] = stored.Parent == None ? None : _shard.Span(stored.Parent).Local;
            if (stored.ParentId == 0)
            {
                RootCount++;
                Root = Root == None || IsEarlier(at, Root) ? at : Root;
            }
            else if (_parent[at] == None)
            {
                OrphanCount++;
                Orphan = Orphan == None || IsEarlier(at, Orphan) ? at : Orphan;
            }
        }
    }

    private bool IsEarlier(int one, int other)
    {
        ref var a = ref Span(one);
        ref var b = ref Span(other);
        return a.StartNs != b.StartNs ? a.StartNs < b.StartNs : a.Id < b.Id;
    }

    private void CutCycles()
    {
        CycleCount = 0;
        Array.Clear(_mark, 0, Count);
        for (var from = 0; from < Count; from++)
        {
            var at = from;
            while (at != None && _mark[at] == 0)
            {
                _mark[at] = from + 1;
                at = _parent[at];
            }

            // Back on the way that began here: a circle that no earlier way has met.
            if (at != None && _mark[at] == from + 1)
            {
                var earliest = at;
                for (var next = _parent[at]; next != at; next = _parent[next])
                {
                    earliest = IsEarlier(next, earliest) ? next : earliest;
                }

                _parent[earliest] = None;
                CycleCount++;
            }
        }
    }

    /// <summary>Parents before their children.</summary>
    private void Order()
    {
        Array.Fill(_firstChild, None, 0, Count);
        var ordered = 0;
        Top = None;
        for (var at = 0; at < Count; at++)
        {
            if (_parent[at] is var parent && parent == None)
            {
                _depth[at] = 1;
                _order[ordered++] = at;
                Top = Top == None || IsEarlier(at, Top) ? at : Top;
            }
            else
            {
                _nextSibling[at] = _firstChild[parent];
                _firstChild[parent] = at;
            }
        }

        Depth = ordered == 0 ? 0 : 1;
        for (var done = 0; done < ordered; done++)
        {
            for (var child = _firstChild[_order[done]]; child != None; child = _nextSibling[child])
            {
                _depth[child] = _depth[_order[done]] + 1;
                Depth = Math.Max(Depth, _depth[child]);
                _order[ordered++] = child;
            }
        }
    }

    private void SetClocks()
    {
        (ClockSkewNs, Skewed) = (0, None);
        var (first, last) = (ulong.MaxValue, 0UL);
        for (var i = 0; i < Count; i++)
        {
            var at = _order[i];
            var parent = _parent[at];
            _shiftNs[at] = parent == None ? 0 : _shiftNs[parent];
            if (parent != None && Span(at).Service != Span(parent).Service && Span(at).Kind != SpanKind.Consumer)
            {
                var missNs = ClockSkew.OffsetInto(StartNs(parent), EndNs(parent), StartNs(at), EndNs(at));
                _shiftNs[at] += missNs;
                NoteSkew(at, missNs == long.MinValue ? long.MaxValue : Math.Abs(missNs));
            }

            if (StartNs(at) is > 0 and var startNs)
            {
                first = Math.Min(first, startNs);
            }

            last = Math.Max(last, EndNs(at));
        }

        DurationNs = SpanTimings.DurationNs(first, last);
    }

    private ulong Shifted(ulong ns, int at) => ns == 0 ? 0 : unchecked(ns + (ulong)_shiftNs[at]);

    private void NoteSkew(int at, long skewNs)
    {
        if (skewNs > _toleranceNs
            && (skewNs > ClockSkewNs || (skewNs == ClockSkewNs && IsEarlier(at, Skewed))))
        {
            (ClockSkewNs, Skewed) = (skewNs, at);
        }
    }

    private void FindFailures()
    {
        Array.Clear(_failsBelow, 0, Count);
        for (var i = Count - 1; i >= 0; i--)
        {
            var at = _order[i];
            if (_parent[at] is var parent && parent != None && (_failsBelow[at] || Span(at).HasFailed))
            {
                _failsBelow[parent] = true;
            }
        }
    }
}
