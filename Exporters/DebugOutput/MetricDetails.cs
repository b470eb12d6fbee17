using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Views;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Every field of a metric and its data points.</summary>
internal static class MetricDetails
{
    /// <summary>Writes a metric.</summary>
    /// <param name="index">Its position in its scope.</param>
    /// <param name="encoded">The metric's bytes.</param>
    /// <param name="text">Receives the lines.</param>
    public static void Write(int index, ReadOnlySpan<byte> encoded, TextBlock text)
    {
        var metric = new MetricView(encoded);
        text.Add("Metric #"u8).Add(index).EndLine();
        text.Add("Descriptor:"u8).EndLine();
        text.Add("     -> Name: "u8).AddForeign(metric.Name).EndLine();
        text.Add("     -> Description: "u8).AddForeign(metric.Description).EndLine();
        text.Add("     -> Unit: "u8).AddForeign(metric.Unit).EndLine();
        text.Add("     -> DataType: "u8).Add(TypeName(metric.Type)).EndLine();
        DetailedText.WriteAttributes(metric.Metadata, "     -> Metadata:"u8, "          "u8, text);
        if (metric.Type == MetricType.None)
        {
            return;
        }

        WriteAggregation(metric, text);
        var pointIndex = 0;
        foreach (var point in metric.Points)
        {
            WritePoint(metric.Type, pointIndex++, MetricPointView.Read(point, metric.Type), text);
            text.EndItem();
        }
    }

    private static void WriteAggregation(in MetricView metric, TextBlock text)
    {
        if (metric.Type == MetricType.Sum)
        {
            text.Add("     -> IsMonotonic: "u8).Add(metric.IsMonotonic ? "true"u8 : "false"u8).EndLine();
        }

        if (metric.Type is MetricType.Sum or MetricType.Histogram or MetricType.ExponentialHistogram)
        {
            text.Add("     -> AggregationTemporality: "u8).Add(metric.Temporality switch
            {
                0 => "Unspecified"u8,
                1 => "Delta"u8,
                2 => "Cumulative"u8,
                _ => default,
            }).EndLine();
        }
    }

    private static void WritePoint(MetricType type, int index, in MetricPointView point, TextBlock text)
    {
        text.Add(type switch
        {
            MetricType.Gauge or MetricType.Sum => "NumberDataPoints #"u8,
            MetricType.Histogram => "HistogramDataPoints #"u8,
            MetricType.ExponentialHistogram => "ExponentialHistogramDataPoints #"u8,
            _ => "SummaryDataPoints #"u8,
        });
        text.Add(index).EndLine();
        DetailedText.WriteAttributes(point.Attributes, "Data point attributes:"u8, "     "u8, text);
        text.Add("StartTimestamp: "u8).AddTime(point.StartNs).EndLine();
        text.Add("Timestamp: "u8).AddTime(point.TimeNs).EndLine();
        if (point.Flags != 0)
        {
            text.Add("Flags: "u8).Add((ulong)point.Flags).EndLine();
        }

        PointDetails.Write(type, point, text);
    }

    private static ReadOnlySpan<byte> TypeName(MetricType type) => type switch
    {
        MetricType.Gauge => "Gauge"u8,
        MetricType.Sum => "Sum"u8,
        MetricType.Histogram => "Histogram"u8,
        MetricType.ExponentialHistogram => "ExponentialHistogram"u8,
        MetricType.Summary => "Summary"u8,
        _ => "Empty"u8,
    };
}
