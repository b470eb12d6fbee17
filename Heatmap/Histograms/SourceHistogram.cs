using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Heatmap.Histograms;

/// <summary>A histogram's point in numbers: explicit buckets, or exponential ones. Reused for point after point.</summary>
internal sealed class SourceHistogram
{
    /// <summary>Buckets a point may have; the SDKs' limits are 160 for exponential and some 20 for explicit ones.</summary>
    public const int BucketsMax = 4096;

    // Half a year of 89 000 spans a second is 2^40; sums of such counts stay far from the end of 64 bits.
    private const ulong CountMax = 1UL << 44;

    public bool IsExponential { get; private set; }

    /// <summary>Upper bounds, inclusive, of explicit buckets; one fewer than <see cref="Counts"/>.</summary>
    public List<double> Bounds { get; } = [];

    /// <summary>Counts by bucket; of an exponential histogram the positive ones.</summary>
    public List<ulong> Counts { get; } = [];

    public int Scale { get; private set; }

    /// <summary>Index of the first exponential bucket.</summary>
    public int Offset { get; private set; }

    public ulong ZeroCount { get; private set; }

    public ulong Count { get; private set; }

    public double? Sum { get; private set; }

    public double? Min { get; private set; }

    public double? Max { get; private set; }

    /// <summary>Reads a point.</summary>
    public PointProblem Read(MetricPointView point, bool isExponential)
    {
        IsExponential = isExponential;
        (Count, Sum, Min, Max) = (point.Count, point.Sum, point.Min, point.Max);
        (Scale, Offset, ZeroCount) = (point.Scale, point.Positive.Offset, point.ZeroCount);
        Bounds.Clear();
        Counts.Clear();
        if (Count > CountMax || point.Scale is < -10 or > 20)
        {
            return PointProblem.Implausible;
        }

        if (!ReadCounts(isExponential ? point.Positive.Counts : point.BucketCounts))
        {
            return PointProblem.Malformed;
        }

        if (isExponential)
        {
            foreach (var count in point.Negative.Counts)
            {
                if (count != 0)
                {
                    return PointProblem.Negative;
                }
            }

            return Total() == Count ? PointProblem.None : PointProblem.Malformed;
        }

        return ReadBounds(point);
    }

    /// <summary>Takes away what an earlier point of the same stream held.</summary>
    /// <returns>False where the earlier one is no part of this one: the stream began anew, or its buckets changed.</returns>
    public bool TrySubtract(StreamState former)
    {
        if (IsExponential != former.IsExponential || Count < former.Count || !former.Bounds.AsSpan().SequenceEqual(
                System.Runtime.InteropServices.CollectionsMarshal.AsSpan(Bounds)))
        {
            return false;
        }

        if (!(IsExponential ? SubtractExponential(former) : SubtractExplicit(former)))
        {
            return false;
        }

        Count -= former.Count;
        Sum -= former.Sum;
        return true;
    }

    private bool ReadCounts(MetricNumbers counts)
    {
        foreach (var count in counts)
        {
            if (Counts.Count == BucketsMax || count > CountMax)
            {
                return false;
            }

            Counts.Add(count);
        }

        return true;
    }

    private PointProblem ReadBounds(MetricPointView point)
    {
        var last = double.NegativeInfinity;
        var bounds = point.ExplicitBounds;
        while (bounds.MoveNext())
        {
            var bound = bounds.CurrentDouble;
            if (!(bound > last) || Bounds.Count == BucketsMax)
            {
                return PointProblem.Malformed;
            }

            Bounds.Add(bound);
            last = bound;
        }

        if (Counts.Count == 0)
        {
            return PlaceWithoutBuckets();
        }

        if (Counts.Count != Bounds.Count + 1 || Total() != Count)
        {
            return PointProblem.Malformed;
        }

        for (var i = 0; i < Bounds.Count; i++)
        {
            if (Counts[i] != 0 && Bounds[i] < 0)
            {
                return PointProblem.Negative;
            }
        }

        return PointProblem.None;
    }

    // Without buckets the values lie between least and greatest, or else at their mean.
    private PointProblem PlaceWithoutBuckets()
    {
        Bounds.Clear();
        Counts.Add(Count);
        if (Count > 0 && (Min is null || Max is null))
        {
            if (Sum is null)
            {
                return PointProblem.NoBuckets;
            }

            Min = Max = Sum / Count;
        }

        return Min < 0 ? PointProblem.Negative : PointProblem.None;
    }

    private ulong Total()
    {
        var total = ZeroCount;
        foreach (var count in Counts)
        {
            total += count;
        }

        return total;
    }

    private bool SubtractExplicit(StreamState former)
    {
        for (var i = 0; i < Counts.Count; i++)
        {
            if (Counts[i] < former.Counts[i])
            {
                return false;
            }

            Counts[i] -= former.Counts[i];
        }

        return true;
    }

    // A stream that runs out of buckets halves its resolution: what was in bucket i is then in bucket i >> steps.
    private bool SubtractExponential(StreamState former)
    {
        var steps = former.Scale - Scale;
        if (steps < 0 || ZeroCount < former.ZeroCount)
        {
            return false;
        }

        for (var i = 0; i < former.Counts.Length; i++)
        {
            if (former.Counts[i] == 0)
            {
                continue;
            }

            var at = ((former.Offset + i) >> Math.Min(steps, 31)) - Offset;
            if (at < 0 || at >= Counts.Count || Counts[at] < former.Counts[i])
            {
                return false;
            }

            Counts[at] -= former.Counts[i];
        }

        ZeroCount -= former.ZeroCount;
        return true;
    }
}
