using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>
/// The bounds that exponential histograms are shown with: powers of two. They are bounds at every scale, so counts are
/// exact, and they are always the same, as Prometheus wants it of classic buckets.
/// </summary>
internal static class ExponentialLadder
{
    private const int LeastExponent = -20;
    private const int GreatestExponent = 20;

    /// <summary>2^-20 to 2^20.</summary>
    public static readonly double[] Bounds = MakeBounds();

    /// <summary>Adds a point's counts by bucket.</summary>
    /// <param name="point">An exponential histogram's point.</param>
    /// <param name="counts">One more than bounds.</param>
    public static void Add(MetricPointView point, ulong[] counts)
    {
        counts[0] += point.ZeroCount;
        foreach (var count in point.Negative.Counts)
        {
            counts[0] += count;
        }

        var index = (long)point.Positive.Offset;
        foreach (var count in point.Positive.Counts)
        {
            counts[BucketOf(index++, point.Scale)] += count;
        }
    }

    /// <summary>The bucket that holds all of an exponential bucket: its upper bound is the next power of two.</summary>
    private static int BucketOf(long index, int scale)
    {
        var exponent = scale >= 0 ? (index >> Math.Min(scale, 62)) + 1 : (index + 1) << Math.Min(-scale, 30);
        return (int)Math.Clamp(exponent - LeastExponent, 0, Bounds.Length);
    }

    private static double[] MakeBounds()
    {
        var bounds = new double[GreatestExponent - LeastExponent + 1];
        for (var i = 0; i < bounds.Length; i++)
        {
            bounds[i] = Math.ScaleB(1, LeastExponent + i);
        }

        return bounds;
    }
}
