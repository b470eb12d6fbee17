using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>What a data point says, below its attributes and times. Numbers are the fields' in <c>metrics.proto</c>.</summary>
internal static class PointDetails
{
    /// <summary>Writes what a point says.</summary>
    /// <param name="type">The field number of the metric's data.</param>
    /// <param name="point">The point.</param>
    /// <param name="text">Takes the lines.</param>
    public static void Write(int type, ReadOnlySpan<byte> point, TextBlock text)
    {
        switch (type)
        {
            case MetricFields.Gauge or MetricFields.Sum:
                WriteNumber(point, 4, "Value: "u8, text);
                WriteExemplars(point, 5, text);
                break;
            case MetricFields.Histogram:
                WriteTotals(point, 11, 12, text);
                WriteBuckets(point, text);
                WriteExemplars(point, 8, text);
                break;
            case MetricFields.ExponentialHistogram:
                WriteTotals(point, 12, 13, text);
                WriteExponentialBuckets(point, text);
                WriteExemplars(point, 11, text);
                break;
            default:
                WriteSummary(point, text);
                break;
        }
    }

    // as_int is 6 in points and exemplars; the last of the two counts.
    private static void WriteNumber(ReadOnlySpan<byte> message, int doubleField, ReadOnlySpan<byte> label, TextBlock text)
    {
        const int IntField = 6;
        var field = 0;
        ulong bits = 0;
        var fields = new WireReader(message);
        while (fields.Next())
        {
            if (fields.Type == WireType.Fixed64 && (fields.Field == doubleField || fields.Field == IntField))
            {
                field = fields.Field;
                bits = fields.Number;
            }
        }

        if (field == IntField)
        {
            text.Add(label).Add((long)bits).EndLine();
        }
        else if (field != 0)
        {
            text.Add(label).AddFixed(BitConverter.UInt64BitsToDouble(bits)).EndLine();
        }
    }

    private static void WriteTotals(ReadOnlySpan<byte> point, int minField, int maxField, TextBlock text)
    {
        text.Add("Count: "u8).Add(MessageFields.Number(point, 4)).EndLine();
        WriteOptional(point, 5, "Sum: "u8, text);
        WriteOptional(point, minField, "Min: "u8, text);
        WriteOptional(point, maxField, "Max: "u8, text);
    }

    private static void WriteOptional(ReadOnlySpan<byte> point, int field, ReadOnlySpan<byte> label, TextBlock text)
    {
        if (MessageFields.TryFloat(point, field, out var number))
        {
            text.Add(label).AddFixed(number).EndLine();
        }
    }

    private static void WriteBuckets(ReadOnlySpan<byte> point, TextBlock text)
    {
        var bounds = MessageFields.Numbers(point, 7, isFixed: true);
        for (var i = 0; i < bounds.Count; i++)
        {
            text.Add("ExplicitBounds #"u8).Add(i).Add(": "u8).AddFixed(BitConverter.UInt64BitsToDouble(bounds[i])).EndLine();
        }

        var counts = MessageFields.Numbers(point, 6, isFixed: true);
        for (var i = 0; i < counts.Count; i++)
        {
            text.Add("Buckets #"u8).Add(i).Add(", Count: "u8).Add(counts[i]).EndLine();
        }
    }

    // From the lowest bucket to the highest: negative ones from the last to the first, zeros, positive ones.
    private static void WriteExponentialBuckets(ReadOnlySpan<byte> point, TextBlock text)
    {
        var factor = Math.ScaleB(Math.Log(2), -MessageFields.ZigZag(point, 6));
        var negative = MessageFields.Bytes(point, 9);
        var counts = MessageFields.Numbers(negative, 2, isFixed: false);
        var offset = (double)MessageFields.ZigZag(negative, 1);
        for (var i = counts.Count - 1; i >= 0; i--)
        {
            text.Add("Bucket ["u8).AddFixed(-Math.Exp((offset + i + 1) * factor)).Add(", "u8);
            text.AddFixed(-Math.Exp((offset + i) * factor)).Add("), Count: "u8).Add(counts[i]).EndLine();
        }

        if (MessageFields.Number(point, 7) is var zeros && zeros > 0)
        {
            text.Add("Bucket [0, 0], Count: "u8).Add(zeros).EndLine();
        }

        if (MessageFields.TryFloat(point, 14, out var threshold))
        {
            text.Add("ZeroThreshold: "u8).AddFixed(threshold).EndLine();
        }

        var positive = MessageFields.Bytes(point, 8);
        counts = MessageFields.Numbers(positive, 2, isFixed: false);
        offset = MessageFields.ZigZag(positive, 1);
        for (var i = 0; i < counts.Count; i++)
        {
            text.Add("Bucket ("u8).AddFixed(Math.Exp((offset + i) * factor)).Add(", "u8);
            text.AddFixed(Math.Exp((offset + i + 1) * factor)).Add("], Count: "u8).Add(counts[i]).EndLine();
        }
    }

    private static void WriteSummary(ReadOnlySpan<byte> point, TextBlock text)
    {
        text.Add("Count: "u8).Add(MessageFields.Number(point, 4)).EndLine();
        text.Add("Sum: "u8).AddFixed(MessageFields.Float(point, 5)).EndLine();
        var index = 0;
        var fields = new WireReader(point);
        while (fields.Next())
        {
            if (fields is { Field: 6, Type: WireType.LengthDelimited })
            {
                text.Add("QuantileValue #"u8).Add(index++).Add(": Quantile "u8).AddFixed(MessageFields.Float(fields.Content, 1));
                text.Add(", Value "u8).AddFixed(MessageFields.Float(fields.Content, 2)).EndLine();
            }
        }
    }

    private static void WriteExemplars(ReadOnlySpan<byte> point, int field, TextBlock text)
    {
        var index = 0;
        var fields = new WireReader(point);
        while (fields.Next())
        {
            if (fields.Field != field || fields.Type != WireType.LengthDelimited)
            {
                continue;
            }

            if (index == 0)
            {
                text.Add("Exemplars:"u8).EndLine();
            }

            text.Add("Exemplar #"u8).Add(index++).EndLine();
            text.Add("     -> Trace ID: "u8).AddId(MessageFields.Bytes(fields.Content, 5)).EndLine();
            text.Add("     -> Span ID: "u8).AddId(MessageFields.Bytes(fields.Content, 4)).EndLine();
            text.Add("     -> Timestamp: "u8).AddTime(MessageFields.Number(fields.Content, 2)).EndLine();
            WriteNumber(fields.Content, 3, "     -> Value: "u8, text);
            DetailedText.WriteAttributes(fields.Content, 7, "     -> FilteredAttributes:"u8, "          "u8, text);
        }
    }
}
