using System.Buffers.Binary;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>The values of a data point, below its attributes and times.</summary>
internal static class PointDetails
{
    /// <summary>Writes the values of a point.</summary>
    /// <param name="type">The metric's type.</param>
    /// <param name="point">The point.</param>
    /// <param name="text">Receives the lines.</param>
    public static void Write(MetricType type, in MetricPointView point, TextBlock text)
    {
        switch (type)
        {
            case MetricType.Gauge or MetricType.Sum:
                if (point.HasValue)
                {
                    WriteNumber("Value: "u8, point.IsInt, point.IntValue, point.Value, text);
                }

                break;
            case MetricType.Histogram:
                WriteTotals(point, text);
                WriteBuckets(point, text);
                break;
            case MetricType.ExponentialHistogram:
                WriteTotals(point, text);
                WriteExponentialBuckets(point, text);
                break;
            default:
                WriteSummary(point, text);
                break;
        }

        WriteExemplars(point.Exemplars, text);
    }

    private static void WriteNumber(ReadOnlySpan<byte> label, bool isInt, long intValue, double value, TextBlock text)
    {
        _ = isInt ? text.Add(label).Add(intValue) : text.Add(label).AddFixed(value);
        text.EndLine();
    }

    private static void WriteTotals(in MetricPointView point, TextBlock text)
    {
        text.Add("Count: "u8).Add(point.Count).EndLine();
        WriteOptional(point.Sum, "Sum: "u8, text);
        WriteOptional(point.Min, "Min: "u8, text);
        WriteOptional(point.Max, "Max: "u8, text);
    }

    private static void WriteOptional(double? number, ReadOnlySpan<byte> label, TextBlock text)
    {
        if (number is { } known)
        {
            text.Add(label).AddFixed(known).EndLine();
        }
    }

    private static void WriteBuckets(in MetricPointView point, TextBlock text)
    {
        var index = 0;
        for (var bounds = point.ExplicitBounds; bounds.MoveNext(); index++)
        {
            text.Add("ExplicitBounds #"u8).Add(index).Add(": "u8).AddFixed(bounds.CurrentDouble).EndLine();
        }

        index = 0;
        foreach (var count in point.BucketCounts)
        {
            text.Add("Buckets #"u8).Add(index++).Add(", Count: "u8).Add(count).EndLine();
        }
    }

    // From the lowest bucket to the highest: negative ones from the last to the first, zeros, positive ones.
    private static void WriteExponentialBuckets(in MetricPointView point, TextBlock text)
    {
        var factor = Math.ScaleB(Math.Log(2), -point.Scale);
        var negative = new List<ulong>();
        foreach (var count in point.Negative.Counts)
        {
            negative.Add(count);
        }

        double offset = point.Negative.Offset;
        for (var i = negative.Count - 1; i >= 0; i--)
        {
            text.Add("Bucket ["u8).AddFixed(-Math.Exp((offset + i + 1) * factor)).Add(", "u8);
            text.AddFixed(-Math.Exp((offset + i) * factor)).Add("), Count: "u8).Add(negative[i]).EndLine();
        }

        if (point.ZeroCount > 0)
        {
            text.Add("Bucket [0, 0], Count: "u8).Add(point.ZeroCount).EndLine();
        }

        if (point.HasZeroThreshold)
        {
            text.Add("ZeroThreshold: "u8).AddFixed(point.ZeroThreshold).EndLine();
        }

        offset = point.Positive.Offset;
        foreach (var count in point.Positive.Counts)
        {
            text.Add("Bucket ("u8).AddFixed(Math.Exp(offset * factor)).Add(", "u8);
            text.AddFixed(Math.Exp((offset + 1) * factor)).Add("], Count: "u8).Add(count).EndLine();
            offset++;
        }
    }

    private static void WriteSummary(in MetricPointView point, TextBlock text)
    {
        text.Add("Count: "u8).Add(point.Count).EndLine();
        text.Add("Sum: "u8).AddFixed(point.Sum ?? 0).EndLine();
        var index = 0;
        foreach (var (quantile, value) in point.Quantiles)
        {
            text.Add("QuantileValue #"u8).Add(index++).Add(": Quantile "u8).AddFixed(quantile);
            text.Add(", Value "u8).AddFixed(value).EndLine();
        }
    }

    private static void WriteExemplars(MetricExemplars exemplars, TextBlock text)
    {
        Span<byte> id = stackalloc byte[2 * sizeof(ulong)];
        var index = 0;
        foreach (var exemplar in exemplars)
        {
            if (index == 0)
            {
                text.Add("Exemplars:"u8).EndLine();
            }

            text.Add("Exemplar #"u8).Add(index++).EndLine();
            BinaryPrimitives.WriteUInt64BigEndian(id, exemplar.TraceIdHigh);
            BinaryPrimitives.WriteUInt64BigEndian(id[sizeof(ulong)..], exemplar.TraceIdLow);
            text.Add("     -> Trace ID: "u8).AddId(id).EndLine();
            BinaryPrimitives.WriteUInt64BigEndian(id, exemplar.SpanId);
            text.Add("     -> Span ID: "u8).AddId(id[..sizeof(ulong)]).EndLine();
            text.Add("     -> Timestamp: "u8).AddTime(exemplar.TimeNs).EndLine();
            if (exemplar.HasValue)
            {
                WriteNumber("     -> Value: "u8, exemplar.IsInt, exemplar.IntValue, exemplar.Value, text);
            }

            DetailedText.WriteAttributes(exemplar.FilteredAttributes, "     -> FilteredAttributes:"u8, "          "u8, text);
        }
    }
}
