namespace TelemetryPipeline.Heatmap.Histograms;

/// <summary>
/// Puts a histogram's counts into the slots of a column. Within a bucket they are spread evenly, by differences of a
/// running total that ends at the bucket's count: whatever the rounding, no value is lost and none invented.
/// </summary>
internal static class HistogramResampler
{
    private const double LatencyMaxNs = 9.0e18;

    /// <summary>Adds a histogram to a column.</summary>
    /// <param name="source">The histogram.</param>
    /// <param name="unitNs">Nanoseconds in a unit of its values.</param>
    /// <param name="into">An empty column.</param>
    public static void Add(SourceHistogram source, double unitNs, DenseColumn into)
    {
        var estimate = 0.0;
        if (source.ZeroCount > 0)
        {
            AddRange(0, 0, source.ZeroCount, into, ref estimate);
        }

        for (var i = 0; i < source.Counts.Count; i++)
        {
            var count = source.Counts[i];
            if (count == 0)
            {
                continue;
            }

            var (low, high) = RangeOf(source, i);
            if (source.Min is { } min && min > low && min <= high)
            {
                low = min;
            }

            if (source.Max is { } max && max < high && max >= low)
            {
                high = max;
            }

            AddRange(ToNs(low, unitNs), ToNs(high, unitNs), count, into, ref estimate);
        }

        into.SumNs = (ulong)Math.Clamp(source.Sum is >= 0 and var sum ? sum * unitNs : estimate, 0, LatencyMaxNs);
    }

    private static (double Low, double High) RangeOf(SourceHistogram source, int bucket)
    {
        if (source.IsExponential)
        {
            // base^i = 2^(i * 2^-scale)
            var step = Math.ScaleB(1.0, -source.Scale);
            var index = (double)source.Offset + bucket;
            return (Math.Pow(2, index * step), Math.Pow(2, (index + 1) * step));
        }

        return (
            bucket == 0 ? 0 : Math.Max(source.Bounds[bucket - 1], 0),
            bucket == source.Bounds.Count ? double.PositiveInfinity : source.Bounds[bucket]);
    }

    private static double ToNs(double value, double unitNs) =>
        double.IsPositiveInfinity(value) ? value : Math.Clamp(value * unitNs, 0, LatencyMaxNs);

    private static void AddRange(double lowNs, double highNs, ulong count, DenseColumn into, ref double estimate)
    {
        var open = double.IsInfinity(highNs) || !(highNs > lowNs);
        highNs = open ? lowNs : highNs;
        into.FastestNs = Math.Min(into.FastestNs, (long)lowNs);
        into.SlowestNs = Math.Max(into.SlowestNs, (long)highNs);
        estimate += (lowNs + highNs) / 2 * count;
        var slot = LatencyBuckets.SlotOf((long)lowNs);
        if (open)
        {
            into.Counts[slot] += count;
            return;
        }

        var placed = 0UL;
        while (true)
        {
            var end = slot + 1 < LatencyBuckets.SlotCount ? LatencyBuckets.LowerBoundNs(slot + 1) : double.PositiveInfinity;
            if (end >= highNs)
            {
                into.Counts[slot] += count - placed;
                return;
            }

            var total = Math.Clamp((ulong)((end - lowNs) / (highNs - lowNs) * count), placed, count);
            into.Counts[slot] += total - placed;
            placed = total;
            slot++;
        }
    }
}
