using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>The data points of a metric, a line each: <c>name{key=value,...} what was measured</c>.</summary>
internal static class PointLines
{
    /// <summary>Writes the points of a metric.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="text">Takes the lines.</param>
    public static void Write(ReadOnlySpan<byte> metric, TextBlock text)
    {
        var name = MessageFields.Bytes(metric, 1);
        var fields = new WireReader(metric);
        while (fields.Next())
        {
            if (fields.Type != WireType.LengthDelimited || !MetricFields.IsData(fields.Field))
            {
                continue;
            }

            var type = fields.Field;
            var points = new WireReader(fields.Content);
            while (points.Next())
            {
                if (points is { Field: MetricFields.DataPoints, Type: WireType.LengthDelimited })
                {
                    text.AddForeign(name).Add("{"u8);
                    AddAttributes(points.Content, MetricFields.AttributesOfPoint(type), text);
                    text.Add("}"u8);
                    WritePoint(type, points.Content, text);
                    text.EndLine().EndItem();
                }
            }
        }
    }

    private static void WritePoint(int type, ReadOnlySpan<byte> point, TextBlock text)
    {
        switch (type)
        {
            case MetricFields.Gauge or MetricFields.Sum:
                text.Add(" "u8);
                AddNumber(point, text);
                break;
            case MetricFields.Histogram:
                AddTotals(point, 11, 12, text);
                AddBuckets(point, text);
                break;
            case MetricFields.ExponentialHistogram:
                AddTotals(point, 12, 13, text);
                AddExponentialBuckets(point, text);
                break;
            default:
                AddSummary(point, text);
                break;
        }
    }

    // NumberDataPoint: as_double = 4, as_int = 6; the last of them counts.
    private static void AddNumber(ReadOnlySpan<byte> point, TextBlock text)
    {
        var number = new WireReader(point);
        ulong bits = 0;
        var field = 0;
        while (number.Next())
        {
            if (number is { Field: 4 or 6, Type: WireType.Fixed64 })
            {
                field = number.Field;
                bits = number.Number;
            }
        }

        _ = field switch
        {
            4 => text.AddShortest(BitConverter.UInt64BitsToDouble(bits)),
            6 => text.Add((long)bits),
            _ => text,
        };
    }

    // HistogramDataPoint and ExponentialHistogramDataPoint: count = 4, sum = 5.
    private static void AddTotals(ReadOnlySpan<byte> point, int minField, int maxField, TextBlock text)
    {
        text.Add(" count="u8).Add(MessageFields.Number(point, 4));
        AddOptional(point, 5, " sum="u8, text);
        AddOptional(point, minField, " min="u8, text);
        AddOptional(point, maxField, " max="u8, text);
    }

    private static void AddOptional(ReadOnlySpan<byte> point, int field, ReadOnlySpan<byte> label, TextBlock text)
    {
        if (MessageFields.TryFloat(point, field, out var number))
        {
            text.Add(label).AddShortest(number);
        }
    }

    // HistogramDataPoint: bucket_counts = 6, explicit_bounds = 7.
    private static void AddBuckets(ReadOnlySpan<byte> point, TextBlock text)
    {
        var counts = MessageFields.Numbers(point, 6, isFixed: true);
        var bounds = MessageFields.Numbers(point, 7, isFixed: true);
        for (var i = 0; i < counts.Count; i++)
        {
            text.Add(" "u8);
            if (i < bounds.Count)
            {
                text.Add("le"u8).AddShortest(BitConverter.UInt64BitsToDouble(bounds[i])).Add("="u8);
            }

            text.Add(counts[i]);
        }
    }

    // ExponentialHistogramDataPoint: scale = 6, zero_count = 7, positive = 8, negative = 9, zero_threshold = 14.
    private static void AddExponentialBuckets(ReadOnlySpan<byte> point, TextBlock text)
    {
        var scale = MessageFields.ZigZag(point, 6);
        AddExponentialBuckets(MessageFields.Bytes(point, 9), scale, text);
        AddExponentialBuckets(MessageFields.Bytes(point, 8), scale, text);
        if (MessageFields.Number(point, 7) is var zeros && zeros > 0)
        {
            text.Add(" zero_count"u8).AddShortest(MessageFields.Float(point, 14)).Add("="u8).Add(zeros);
        }
    }

    // Buckets: offset = 1, bucket_counts = 2.
    private static void AddExponentialBuckets(ReadOnlySpan<byte> buckets, int scale, TextBlock text)
    {
        var counts = MessageFields.Numbers(buckets, 2, isFixed: false);
        var offset = (long)MessageFields.ZigZag(buckets, 1);
        var bucketBase = Math.Pow(2, Math.Pow(2, -scale));
        for (var i = 0; i < counts.Count; i++)
        {
            text.Add(" le"u8).AddShortest(Math.Pow(bucketBase, offset + i)).Add("="u8).Add(counts[i]);
        }
    }

    // SummaryDataPoint: count = 4, sum = 5, quantile_values = 6; ValueAtQuantile: quantile = 1, value = 2.
    private static void AddSummary(ReadOnlySpan<byte> point, TextBlock text)
    {
        text.Add(" count="u8).Add(MessageFields.Number(point, 4)).Add(" sum="u8).AddFixed(MessageFields.Float(point, 5));
        var fields = new WireReader(point);
        while (fields.Next())
        {
            if (fields is { Field: 6, Type: WireType.LengthDelimited })
            {
                text.Add(" q"u8).AddShortest(MessageFields.Float(fields.Content, 1));
                text.Add("="u8).AddShortest(MessageFields.Float(fields.Content, 2));
            }
        }
    }

    private static void AddAttributes(ReadOnlySpan<byte> point, int field, TextBlock text)
    {
        var separator = ""u8;
        var fields = new WireReader(point);
        while (fields.Next())
        {
            if (fields.Field == field && fields.Type == WireType.LengthDelimited)
            {
                text.Add(separator).AddForeign(MessageFields.Bytes(fields.Content, 1)).Add("="u8);
                text.AddValue(new AnyValueView(MessageFields.Bytes(fields.Content, 2)));
                separator = ","u8;
            }
        }
    }
}
