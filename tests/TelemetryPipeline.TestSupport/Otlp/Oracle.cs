using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Metrics.V1;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.TestSupport.Otlp;

/// <summary>What the Google.Protobuf types say about a request.</summary>
public static class Oracle
{
    /// <summary>Spans, data points or log records.</summary>
    public static int CountItems(IMessage request)
    {
        var count = 0;
        foreach (var _ in Items(request))
        {
            count++;
        }

        return count;
    }

    /// <summary>Each item with the text of its resource, scope and metric header, in order.</summary>
    public static IEnumerable<(string Holders, IMessage Item)> Items(IMessage request) => request switch
    {
        ExportTraceServiceRequest traces => Items(traces),
        ExportMetricsServiceRequest metrics => Items(metrics),
        ExportLogsServiceRequest logs => Items(logs),
        _ => throw new ArgumentException(request.Descriptor.FullName, nameof(request)),
    };

    /// <summary>Whether the oracle parses the bytes; text that is no UTF-8 counts as parsed, because the codec passes it on.</summary>
    public static bool Accepts(Signal signal, ReadOnlySpan<byte> bytes)
    {
        try
        {
            OtlpPayloads.Empty(signal).MergeFrom(bytes.ToArray());
            return true;
        }
        catch (InvalidProtocolBufferException e)
        {
            return e.Message.Contains("UTF-8", StringComparison.Ordinal);
        }
    }

    /// <summary>The points of a metric, whatever its type.</summary>
    public static IEnumerable<IMessage> Points(Metric metric) => metric.DataCase switch
    {
        Metric.DataOneofCase.Gauge => metric.Gauge.DataPoints,
        Metric.DataOneofCase.Sum => metric.Sum.DataPoints,
        Metric.DataOneofCase.Histogram => metric.Histogram.DataPoints,
        Metric.DataOneofCase.ExponentialHistogram => metric.ExponentialHistogram.DataPoints,
        Metric.DataOneofCase.Summary => metric.Summary.DataPoints,
        _ => [],
    };

    private static IEnumerable<(string Holders, IMessage Item)> Items(ExportTraceServiceRequest request)
    {
        foreach (var resource in request.ResourceSpans)
        {
            foreach (var scope in resource.ScopeSpans)
            {
                foreach (var span in scope.Spans)
                {
                    yield return ($"{resource.Resource}|{resource.SchemaUrl}|{scope.Scope}|{scope.SchemaUrl}", span);
                }
            }
        }
    }

    private static IEnumerable<(string Holders, IMessage Item)> Items(ExportLogsServiceRequest request)
    {
        foreach (var resource in request.ResourceLogs)
        {
            foreach (var scope in resource.ScopeLogs)
            {
                foreach (var record in scope.LogRecords)
                {
                    yield return ($"{resource.Resource}|{resource.SchemaUrl}|{scope.Scope}|{scope.SchemaUrl}", record);
                }
            }
        }
    }

    private static IEnumerable<(string Holders, IMessage Item)> Items(ExportMetricsServiceRequest request)
    {
        foreach (var resource in request.ResourceMetrics)
        {
            foreach (var scope in resource.ScopeMetrics)
            {
                foreach (var metric in scope.Metrics)
                {
                    var header = Header(metric);
                    foreach (var point in Points(metric))
                    {
                        yield return ($"{resource.Resource}|{resource.SchemaUrl}|{scope.Scope}|{scope.SchemaUrl}|{header}", point);
                    }
                }
            }
        }
    }

    private static string Header(Metric metric)
    {
        var header = metric.Clone();
        header.Gauge?.DataPoints.Clear();
        header.Sum?.DataPoints.Clear();
        header.Histogram?.DataPoints.Clear();
        header.ExponentialHistogram?.DataPoints.Clear();
        header.Summary?.DataPoints.Clear();
        return header.ToString();
    }
}
