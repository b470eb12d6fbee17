namespace TelemetryPipeline.Attribution.Baselines;

/// <summary>Latencies of one shard since they were last taken. Used by whoever holds the shard.</summary>
internal sealed class LatencyCounts
{
    private int[]?[] _series = [];

    /// <summary>Counts a latency.</summary>
    /// <param name="series">From <see cref="LatencyHistory.SeriesOf"/>; -1 is not counted.</param>
    /// <param name="durationNs">Nanoseconds.</param>
    public void Record(int series, long durationNs)
    {
        if (series < 0)
        {
            return;
        }

        if (series >= _series.Length)
        {
            Array.Resize(ref _series, Math.Max(series + 1, _series.Length * 2));
        }

        (_series[series] ??= new int[LatencyScale.BucketCount])[LatencyScale.BucketOf(durationNs)]++;
    }

    /// <summary>Adds the counts to others and begins anew.</summary>
    /// <param name="target">Counts of a slice by series.</param>
    public void MoveTo(long[][] target)
    {
        for (var series = 0; series < _series.Length; series++)
        {
            if (_series[series] is { } counts)
            {
                for (var bucket = 0; bucket < counts.Length; bucket++)
                {
                    target[series][bucket] += counts[bucket];
                }

                Array.Clear(counts);
            }
        }
    }
}
