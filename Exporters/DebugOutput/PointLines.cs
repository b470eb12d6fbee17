using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Views;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>The data points of a metric, a line each: <c>name{key=value,...} values</c>.</summary>
internal static class PointLines
{
    /// <summary>Writes the points of a metric.</summary>
    /// <param name="encoded">The metric's bytes.</param>
    /// <param name="text">Receives the lines.</param>
    public static void Write(ReadOnlySpan<byte> encoded, TextBlock text)
    {
        var metric = new MetricView(encoded);
        foreach (var encodedPoint in metric.Points)
        {
            var point = MetricPointView.Read(encodedPoint, metric.Type);
            text.AddForeign(metric.Name).Add("{"u8);
            AddAttributes(point.Attributes, text);
            text.Add("}"u8);
            WritePoint(metric.Type, point, text);
            text.EndLine().EndItem();
        }
    }

    private static void WritePoint(MetricType type, in MetricPointView point, TextBlock text)
    {
        switch (type)
        {
            case MetricType.Gauge or MetricType.Sum:
                text.Add(" "u8);
                if (point.HasValue)
                {
                    _ = point.IsInt ? text.Add(point.IntValue) : text.AddShortest(point.Value);
                }

                break;
            case MetricType.Histogram:
                AddTotals(point, text);
                AddBuckets(point, text);
                break;
            case MetricType.ExponentialHistogram:
                AddTotals(point, text);
                AddExponentialBuckets(point, text);
                break;
            default:
                AddSummary(point, text);
                break;
        }
    }

    private static void AddTotals(in MetricPointView point, TextBlock text)
    {
        text.Add(" count="u8).Add(point.Count);
        AddOptional(point.Sum, " sum="u8, text);
        AddOptional(point.Min, " min="u8, text);
        AddOptional(point.Max, " max="u8, text);
    }

    private static void AddOptional(double? number, ReadOnlySpan<byte> label, TextBlock text)
    {
        if (number is { } known)
        {
            text.Add(label).AddShortest(known);
        }
    }

    private static void AddBuckets(in MetricPointView point, TextBlock text)
    {
        var bounds = point.ExplicitBounds;
        foreach (var count in point.BucketCounts)
        {
            text.Add(" "u8);
            if (bounds.MoveNext())
            {
                text.Add("le"u8).AddShortest(bounds.CurrentDouble).Add("="u8);
            }

            text.Add(count);
        }
    }

    private static void AddExponentialBuckets(in MetricPointView point, TextBlock text)
    {
        AddExponentialBuckets(point.Negative, point.Scale, text);
        AddExponentialBuckets(point.Positive, point.Scale, text);
        if (point.ZeroCount > 0)
        {
            text.Add(" zero_count"u8).AddShortest(point.ZeroThreshold).Add("="u8).Add(point.ZeroCount);
        }
    }

    private static void AddExponentialBuckets(in ExponentialBuckets buckets, int scale, TextBlock text)
    {
        var bucketBase = Math.Pow(2, Math.Pow(2, -scale));
        var index = (long)buckets.Offset;
        foreach (var count in buckets.Counts)
        {
            text.Add(" le"u8).AddShortest(Math.Pow(bucketBase, index++)).Add("="u8).Add(count);
        }
    }

    private static void AddSummary(in MetricPointView point, TextBlock text)
    {
        text.Add(" count="u8).Add(point.Count).Add(" sum="u8).AddFixed(point.Sum ?? 0);
        foreach (var (quantile, value) in point.Quantiles)
        {
            text.Add(" q"u8).AddShortest(quantile).Add("="u8).AddShortest(value);
        }
    }

    private static void AddAttributes(AttributeEnumerator attributes, TextBlock text)
    {
        var separator = ""u8;
        foreach (var attribute in attributes)
        {
            text.Add(separator).AddForeign(attribute.Key).Add("="u8).AddValue(attribute.Value);
            separator = ","u8;
        }
    }
}
