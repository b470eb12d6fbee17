using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Every field of a metric and its data points. Numbers are the fields' in <c>metrics.proto</c>.</summary>
internal static class MetricDetails
{
    /// <summary>Writes a metric.</summary>
    /// <param name="index">Its place in its scope.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="text">Takes the lines.</param>
    public static void Write(int index, ReadOnlySpan<byte> metric, TextBlock text)
    {
        var type = TypeOf(metric);
        text.Add("Metric #"u8).Add(index).EndLine();
        text.Add("Descriptor:"u8).EndLine();
        text.Add("     -> Name: "u8).AddForeign(MessageFields.Bytes(metric, 1)).EndLine();
        text.Add("     -> Description: "u8).AddForeign(MessageFields.Bytes(metric, 2)).EndLine();
        text.Add("     -> Unit: "u8).AddForeign(MessageFields.Bytes(metric, 3)).EndLine();
        text.Add("     -> DataType: "u8).Add(TypeName(type)).EndLine();
        DetailedText.WriteAttributes(metric, 12, "     -> Metadata:"u8, "          "u8, text);
        if (type == 0)
        {
            return;
        }

        var data = MessageFields.Bytes(metric, type);
        WriteAggregation(type, data, text);
        var pointIndex = 0;
        var points = new WireReader(data);
        while (points.Next())
        {
            if (points is { Field: MetricFields.DataPoints, Type: WireType.LengthDelimited })
            {
                WritePoint(type, pointIndex++, points.Content, text);
                text.EndItem();
            }
        }
    }

    // The last field of the oneof; 0 where there is none.
    private static int TypeOf(ReadOnlySpan<byte> metric)
    {
        var type = 0;
        var fields = new WireReader(metric);
        while (fields.Next())
        {
            type = fields.Type == WireType.LengthDelimited && MetricFields.IsData(fields.Field) ? fields.Field : type;
        }

        return type;
    }

    private static void WriteAggregation(int type, ReadOnlySpan<byte> data, TextBlock text)
    {
        if (type == MetricFields.Sum)
        {
            var isMonotonic = MessageFields.Number(data, 3) != 0;
            text.Add("     -> IsMonotonic: "u8).Add(isMonotonic ? "true"u8 : "false"u8).EndLine();
        }

        if (type is MetricFields.Sum or MetricFields.Histogram or MetricFields.ExponentialHistogram)
        {
            text.Add("     -> AggregationTemporality: "u8).Add(MessageFields.Number(data, 2) switch
            {
                0 => "Unspecified"u8,
                1 => "Delta"u8,
                2 => "Cumulative"u8,
                _ => default,
            }).EndLine();
        }
    }

    private static void WritePoint(int type, int index, ReadOnlySpan<byte> point, TextBlock text)
    {
        text.Add(type switch
        {
            MetricFields.Gauge or MetricFields.Sum => "NumberDataPoints #"u8,
            MetricFields.Histogram => "HistogramDataPoints #"u8,
            MetricFields.ExponentialHistogram => "ExponentialHistogramDataPoints #"u8,
            _ => "SummaryDataPoints #"u8,
        });
        text.Add(index).EndLine();
        DetailedText.WriteAttributes(
            point, MetricFields.AttributesOfPoint(type), "Data point attributes:"u8, "     "u8, text);
        text.Add("StartTimestamp: "u8).AddTime(MessageFields.Number(point, 2)).EndLine();
        text.Add("Timestamp: "u8).AddTime(MessageFields.Number(point, 3)).EndLine();
        var flagsField = type is MetricFields.Histogram or MetricFields.ExponentialHistogram ? 10 : 8;
        if (MessageFields.Number(point, flagsField) is var flags && flags != 0)
        {
            text.Add("Flags: "u8).Add(flags).EndLine();
        }

        PointDetails.Write(type, point, text);
    }

    private static ReadOnlySpan<byte> TypeName(int type) => type switch
    {
        MetricFields.Gauge => "Gauge"u8,
        MetricFields.Sum => "Sum"u8,
        MetricFields.Histogram => "Histogram"u8,
        MetricFields.ExponentialHistogram => "ExponentialHistogram"u8,
        MetricFields.Summary => "Summary"u8,
        _ => "Empty"u8,
    };
}
