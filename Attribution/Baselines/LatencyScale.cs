using System.Numerics;

namespace TelemetryPipeline.Attribution.Baselines;

/// <summary>Buckets of latencies, eight to an octave: from 1 microsecond to half an hour, and within 12.5 % of the value.</summary>
internal static class LatencyScale
{
    /// <summary>Buckets.</summary>
    public const int BucketCount = 256;

    private const int UnitShift = 10; // 1024 ns
    private const int SubBits = 3;
    private const int SubCount = 1 << SubBits;

    /// <summary>The bucket of a latency.</summary>
    /// <param name="ns">Nanoseconds; what is negative counts as 0.</param>
    public static int BucketOf(long ns)
    {
        var units = (ulong)Math.Max(ns, 0) >> UnitShift;
        if (units < SubCount)
        {
            return (int)units;
        }

        var exponent = BitOperations.Log2(units) - SubBits;
        return Math.Min(((exponent + 1) << SubBits) + (int)((units >> exponent) & (SubCount - 1)), BucketCount - 1);
    }

    /// <summary>Where a bucket begins.</summary>
    /// <param name="bucket">0 to <see cref="BucketCount"/>.</param>
    /// <returns>Nanoseconds.</returns>
    public static long LowerBoundNs(int bucket)
    {
        if (bucket < SubCount)
        {
            return (long)bucket << UnitShift;
        }

        var exponent = (bucket >> SubBits) - 1;
        return (long)(SubCount + (bucket & (SubCount - 1))) << (exponent + UnitShift);
    }

    /// <summary>A quantile, interpolated within its bucket.</summary>
    /// <param name="counts">Latencies in each bucket.</param>
    /// <param name="total">Their sum, 1 or more.</param>
    /// <param name="quantile">0 to 1.</param>
    /// <returns>Nanoseconds.</returns>
    public static long QuantileNs(ReadOnlySpan<long> counts, long total, double quantile)
    {
        var rank = quantile * total;
        long below = 0;
        var bucket = 0;
        while (bucket < counts.Length - 1 && below + counts[bucket] < rank)
        {
            below += counts[bucket++];
        }

        var from = LowerBoundNs(bucket);
        var within = counts[bucket] == 0 ? 0 : Math.Clamp((rank - below) / counts[bucket], 0, 1);
        return from + (long)((LowerBoundNs(bucket + 1) - from) * within);
    }
}
