namespace TelemetryPipeline.Heatmap;

/// <summary>Quantiles of a column, interpolated within the bucket as Prometheus's <c>histogram_quantile</c> does.</summary>
public static class LatencyQuantiles
{
    /// <summary>A quantile of the latencies counted.</summary>
    /// <param name="column">The counts.</param>
    /// <param name="quantile">0 to 1.</param>
    /// <returns>Nanoseconds; null for an empty column. Never more than the slowest latency counted.</returns>
    public static long? Of(DenseColumn column, double quantile)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(quantile);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quantile, 1);
        var total = column.Total;
        if (total == 0)
        {
            return null;
        }

        var rank = quantile * total;
        var below = 0UL;
        var counts = column.Counts;
        var slot = 0;
        while (slot < counts.Length - 1 && below + counts[slot] < rank)
        {
            below += counts[slot++];
        }

        while (counts[slot] == 0)
        {
            slot++;
        }

        var from = LatencyBuckets.LowerBoundNs(slot);
        var to = Math.Min(LatencyBuckets.LowerBoundNs(slot + 1), Math.Max(column.SlowestNs, from));
        var within = Math.Clamp((rank - below) / counts[slot], 0, 1);
        return from + (long)((to - from) * within);
    }
}
