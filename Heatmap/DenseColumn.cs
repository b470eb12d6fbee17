namespace TelemetryPipeline.Heatmap;

/// <summary>The counts of one second of one series, a number a slot.</summary>
public sealed class DenseColumn
{
    private readonly ulong[] _counts = new ulong[LatencyBuckets.SlotCount];

    /// <summary>Counts by slot: see <see cref="LatencyBuckets"/>.</summary>
    public Span<ulong> Counts => _counts;

    /// <summary>The slowest latency counted, in nanoseconds; 0 when nothing was.</summary>
    public long SlowestNs { get; set; }

    /// <summary>The fastest latency counted, in nanoseconds; <see cref="long.MaxValue"/> when nothing was.</summary>
    public long FastestNs { get; set; } = long.MaxValue;

    /// <summary>The sum of all latencies counted, in nanoseconds; stays at the greatest number when it would not fit.</summary>
    public ulong SumNs { get; set; }

    /// <summary>Spans counted in all slots.</summary>
    public ulong Total
    {
        get
        {
            var total = 0UL;
            foreach (var count in _counts)
            {
                total += count;
            }

            return total;
        }
    }

    /// <summary>Spans in a bucket; the last one is the sum of the tail.</summary>
    /// <param name="bucket">0 to 59.</param>
    public ulong InBucket(int bucket)
    {
        if (bucket < LatencyBuckets.FirstTailSlot)
        {
            return _counts[bucket];
        }

        var total = 0UL;
        foreach (var count in _counts.AsSpan(LatencyBuckets.FirstTailSlot))
        {
            total += count;
        }

        return total;
    }

    /// <summary>Counts latencies that are all the same.</summary>
    /// <param name="latencyNs">Nanoseconds, 0 or more.</param>
    /// <param name="count">How many.</param>
    public void Count(long latencyNs, ulong count = 1)
    {
        _counts[LatencyBuckets.SlotOf(latencyNs)] += count;
        SlowestNs = Math.Max(SlowestNs, latencyNs);
        FastestNs = Math.Min(FastestNs, latencyNs);
        SumNs = AddSaturated(SumNs, Math.BigMul((ulong)latencyNs, count, out var low) == 0 ? low : ulong.MaxValue);
    }

    /// <summary>Adds the counts of another column.</summary>
    /// <param name="other">The other one.</param>
    public void Add(DenseColumn other)
    {
        for (var slot = 0; slot < _counts.Length; slot++)
        {
            _counts[slot] += other._counts[slot];
        }

        SlowestNs = Math.Max(SlowestNs, other.SlowestNs);
        FastestNs = Math.Min(FastestNs, other.FastestNs);
        SumNs = AddSaturated(SumNs, other.SumNs);
    }

    /// <summary>Empties the column.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        SlowestNs = 0;
        FastestNs = long.MaxValue;
        SumNs = 0;
    }

    internal static ulong AddSaturated(ulong left, ulong right) => left + right < left ? ulong.MaxValue : left + right;
}
