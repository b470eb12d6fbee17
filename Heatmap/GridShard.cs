using System.Runtime.CompilerServices;

namespace TelemetryPipeline.Heatmap;

/// <summary>
/// The newest seconds of all series as one writer sees them. A shard has one owner at a time, so its counters are
/// plain additions; the grid has more shards than cores.
/// </summary>
internal sealed class GridShard
{
    /// <summary>Seconds of a series that are kept dense, a power of two; a span of an older second goes to the history directly.</summary>
    public const int WindowSeconds = 4;

    private const ulong NsASecond = 1_000_000_000;

    private readonly LatencyGrid _grid;
    private readonly DenseColumn _scratch = new();
    private readonly ExemplarCandidates? _slowest;
    private readonly ExemplarCandidates? _failing;
    private Window?[] _windows = [];
    private int _owned;

    public GridShard(LatencyGrid grid, ExemplarStore exemplars, int candidatePlaces)
    {
        _grid = grid;
        if (exemplars.IsEnabled)
        {
            _slowest = new ExemplarCandidates(exemplars, candidatePlaces);
            _failing = new ExemplarCandidates(exemplars, candidatePlaces);
        }
    }

    /// <summary>Memory of a series in one shard, in bytes.</summary>
    public static long WindowSizeBytes =>
        (WindowSeconds * ((LatencyBuckets.SlotCount * sizeof(uint)) + (4 * sizeof(long)))) + (6 * 24);

    /// <summary>Spans refused, by <see cref="GridOutcome"/>; read by anyone, written by the owner.</summary>
    public long[] Outcomes { get; } = new long[GridWriter.OutcomeCount];

    public bool TryOwn() => Volatile.Read(ref _owned) == 0 && Interlocked.CompareExchange(ref _owned, 1, 0) == 0;

    public void Disown() => Volatile.Write(ref _owned, 0);

    public GridOutcome Record(int series, in LatencyExemplar span)
    {
        var second = (long)(span.EndNs / NsASecond);
        var slot = LatencyBuckets.SlotOf(span.LatencyNs);
        var outcome = Record(series, second, slot, span.LatencyNs);
        if (outcome == GridOutcome.Counted && _slowest is not null && (span.TraceIdHigh | span.TraceIdLow) != 0)
        {
            (span.IsFailing ? _failing! : _slowest).Offer(ExemplarKey.Of(series, second, LatencyBuckets.BucketOfSlot(slot)), span);
        }

        return outcome;
    }

    public void Refuse(GridOutcome outcome) => Outcomes[(int)outcome]++;

    public GridOutcome Record(int series, ulong endNs, long latencyNs) =>
        Record(series, (long)(endNs / NsASecond), LatencyBuckets.SlotOf(latencyNs), latencyNs);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private GridOutcome Record(int series, long second, int slot, long latencyNs)
    {
        var outcome = latencyNs < 0 ? GridOutcome.Negative : _grid.Place(second);
        Outcomes[(int)outcome]++;
        if (outcome != GridOutcome.Counted)
        {
            return outcome;
        }

        var windows = _windows;
        var window = (uint)series < (uint)windows.Length && windows[series] is { } found ? found : AddWindow(series);
        var place = (int)(second & (WindowSeconds - 1));
        if (window.Seconds[place] != second && !Turn(window, series, place, second))
        {
            AddLate(series, second, latencyNs);
            return outcome;
        }

        window.Counts[(place * LatencyBuckets.SlotCount) + slot]++;
        window.Record(place, latencyNs);
        return outcome;
    }

    /// <summary>Moves everything to the history. The caller owns the shard.</summary>
    public void Flush()
    {
        for (var series = 0; series < _windows.Length; series++)
        {
            if (_windows[series] is { } window)
            {
                for (var place = 0; place < WindowSeconds; place++)
                {
                    FlushPlace(window, series, place);
                }
            }
        }

        _slowest?.Flush();
        _failing?.Flush();
    }

    // Makes room for a newer second; false where the window already holds a newer one.
    private bool Turn(Window window, int series, int place, long second)
    {
        if (window.Seconds[place] > second)
        {
            return false;
        }

        FlushPlace(window, series, place);
        window.Seconds[place] = second;
        return true;
    }

    private void FlushPlace(Window window, int series, int place)
    {
        var counts = window.Counts.AsSpan(place * LatencyBuckets.SlotCount, LatencyBuckets.SlotCount);
        if (!counts.ContainsAnyExcept(0u))
        {
            return;
        }

        var target = _scratch.Counts;
        for (var slot = 0; slot < counts.Length; slot++)
        {
            target[slot] = counts[slot];
        }

        window.TakeMeasures(place, _scratch);
        _grid.Keep(series, window.Seconds[place], _scratch);
        counts.Clear();
    }

    private void AddLate(int series, long second, long latencyNs)
    {
        _scratch.Clear();
        _scratch.Count(latencyNs);
        _grid.Keep(series, second, _scratch);
    }

    private Window AddWindow(int series)
    {
        if (series >= _windows.Length)
        {
            Array.Resize(ref _windows, Math.Max(series + 1, _windows.Length * 2));
        }

        return _windows[series] = new Window();
    }

    private sealed class Window
    {
        public readonly long[] Seconds = new long[WindowSeconds];

        // 32 bits a slot: a shard is flushed every second, and no core records 4 billion spans in one.
        public readonly uint[] Counts = new uint[WindowSeconds * LatencyBuckets.SlotCount];

        private readonly Measures[] _measures = new Measures[WindowSeconds];

        public void Record(int place, long latencyNs)
        {
            ref var measures = ref _measures[place];
            measures.SumNs = DenseColumn.AddSaturated(measures.SumNs, (ulong)latencyNs);
            if (latencyNs > measures.SlowestNs)
            {
                measures.SlowestNs = latencyNs;
            }

            // Kept as its complement, so that a cleared one is the greatest number.
            if (long.MaxValue - latencyNs > measures.FastestComplementNs)
            {
                measures.FastestComplementNs = long.MaxValue - latencyNs;
            }
        }

        public void TakeMeasures(int place, DenseColumn into)
        {
            ref var measures = ref _measures[place];
            into.SlowestNs = measures.SlowestNs;
            into.FastestNs = long.MaxValue - measures.FastestComplementNs;
            into.SumNs = measures.SumNs;
            measures = default;
        }
    }

    private struct Measures
    {
        public long SlowestNs;
        public long FastestComplementNs;
        public ulong SumNs;
    }
}
