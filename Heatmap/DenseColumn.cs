namespace TelemetryPipeline.Heatmap;

/// <summary>The counts of one second of one series, a number a slot.</summary>
public sealed class DenseColumn
{
    private readonly ulong[] _counts = new ulong[LatencyBuckets.SlotCount];

    /// <summary>Counts by slot: see <see cref="LatencyBuckets"/>.</summary>
    public Span<ulong> Counts => _counts;

    /// <summary>The slowest latency counted, in nanoseconds; 0 when nothing was.</summary>
    public long SlowestNs { get; set; }

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

    /// <summary>Adds the counts of another column.</summary>
    /// <param name="other">The other one.</param>
    public void Add(DenseColumn other)
    {
        for (var slot = 0; slot < _counts.Length; slot++)
        {
            _counts[slot] += other._counts[slot];
        }

        SlowestNs = Math.Max(SlowestNs, other.SlowestNs);
    }

    /// <summary>Empties the column.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        SlowestNs = 0;
    }
}
