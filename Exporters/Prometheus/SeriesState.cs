using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>The current value of a series, cumulative whatever its points were.</summary>
internal sealed class SeriesState
{
    /// <summary>The metric's name in OTLP; two metrics may become the same series.</summary>
    public required string Origin { get; init; }

    /// <summary>The labels to show; null where they are the series' key.</summary>
    public string? Labels { get; set; }

    /// <summary>When it was last updated, by the process's own clock, in ticks.</summary>
    public long UpdatedTicks { get; set; }

    /// <summary>Time of its newest point, in nanoseconds since the Unix epoch.</summary>
    public ulong TimeNs { get; private set; }

    /// <summary>Value of a gauge or counter.</summary>
    public double Value { get; private set; }

    /// <summary>Values in a histogram or summary.</summary>
    public ulong Count { get; private set; }

    /// <summary>Their sum.</summary>
    public double Sum { get; private set; }

    /// <summary>Upper bounds of buckets.</summary>
    public double[] Bounds { get; private set; } = [];

    /// <summary>Counts of buckets, each alone; one more than bounds.</summary>
    public ulong[] Counts { get; private set; } = [];

    /// <summary>Quantiles of a summary.</summary>
    public List<(double Quantile, double Value)> Quantiles { get; } = [];

    /// <summary>The newest exemplar of each bucket, or of a counter; empty where none are kept.</summary>
    public Exemplar[] Exemplars { get; private set; } = [];

    /// <summary>A gauge that is always 1.</summary>
    /// <param name="origin">Its name.</param>
    public static SeriesState One(string origin) => new() { Origin = origin, Value = 1 };

    /// <summary>Takes in a point.</summary>
    /// <param name="point">The point.</param>
    /// <param name="type">Its metric's type.</param>
    /// <param name="isDelta">Whether it says what came since the point before.</param>
    /// <param name="keepExemplars">Whether exemplars are shown.</param>
    /// <returns>False where the point is older than what is known.</returns>
    public bool TryTake(MetricPointView point, MetricType type, bool isDelta, bool keepExemplars)
    {
        if (!isDelta && point.TimeNs < TimeNs)
        {
            return false;
        }

        switch (type)
        {
            case MetricType.Gauge or MetricType.Sum:
                Value = isDelta ? Value + point.Value : point.Value;
                break;
            case MetricType.Histogram:
                TakeExplicit(point, isDelta);
                break;
            case MetricType.ExponentialHistogram:
                Begin(ExponentialLadder.Bounds, isDelta);
                ExponentialLadder.Add(point, Counts);
                break;
            default:
                TakeQuantiles(point);
                break;
        }

        if (type is MetricType.Histogram or MetricType.ExponentialHistogram or MetricType.Summary)
        {
            Count = isDelta ? Count + point.Count : point.Count;
            Sum = isDelta ? Sum + (point.Sum ?? 0) : point.Sum ?? 0;
        }

        if (keepExemplars && type != MetricType.Summary)
        {
            TakeExemplars(point);
        }

        // Deltas may come in any order: a late one amends an earlier time.
        TimeNs = Math.Max(TimeNs, point.TimeNs);
        return true;
    }

    private void TakeExplicit(MetricPointView point, bool isDelta)
    {
        var bounds = point.ExplicitBounds;
        var isSame = true;
        var count = 0;
        while (bounds.MoveNext())
        {
            isSame = isSame && count < Bounds.Length && Bounds[count].Equals(bounds.CurrentDouble);
            count++;
        }

        Begin(isSame && count == Bounds.Length ? Bounds : Read(point.ExplicitBounds, count), isDelta);
        var at = 0;
        foreach (var value in point.BucketCounts)
        {
            if (at < Counts.Length)
            {
                Counts[at++] += value;
            }
        }

        // Without buckets all values are in the one that has no bound.
        if (at == 0)
        {
            Counts[^1] += point.Count;
        }
    }

    private static double[] Read(MetricNumbers numbers, int count)
    {
        var values = new double[count];
        for (var i = 0; i < count && numbers.MoveNext(); i++)
        {
            values[i] = numbers.CurrentDouble;
        }

        return values;
    }

    // New bounds begin the series anew: Prometheus takes the smaller counts for a reset.
    private void Begin(double[] bounds, bool isDelta)
    {
        if (Counts.Length == 0 || !ReferenceEquals(bounds, Bounds))
        {
            Bounds = bounds;
            Counts = new ulong[bounds.Length + 1];
            Exemplars = [];
            (Count, Sum) = (0, 0);
        }
        else if (!isDelta)
        {
            Array.Clear(Counts);
        }
    }

    private void TakeQuantiles(MetricPointView point)
    {
        Quantiles.Clear();
        foreach (var quantile in point.Quantiles)
        {
            if (quantile.Quantile is >= 0 and <= 1)
            {
                Quantiles.Add(quantile);
            }
        }

        // A quantile that is there twice would be two samples of one series.
        Quantiles.Sort();
        var kept = 0;
        for (var i = 0; i < Quantiles.Count; i++)
        {
            if (kept == 0 || Quantiles[i].Quantile > Quantiles[kept - 1].Quantile)
            {
                Quantiles[kept++] = Quantiles[i];
            }
        }

        Quantiles.RemoveRange(kept, Quantiles.Count - kept);
    }

    private void TakeExemplars(MetricPointView point)
    {
        foreach (var read in point.Exemplars)
        {
            var exemplar = Exemplar.Of(read);
            if (!exemplar.IsPresent)
            {
                continue;
            }

            if (Exemplars.Length == 0)
            {
                Exemplars = new Exemplar[Math.Max(Counts.Length, 1)];
            }

            var bucket = 0;
            while (bucket < Bounds.Length && exemplar.Value > Bounds[bucket])
            {
                bucket++;
            }

            if (exemplar.TimeNs >= Exemplars[bucket].TimeNs)
            {
                Exemplars[bucket] = exemplar;
            }
        }
    }
}
