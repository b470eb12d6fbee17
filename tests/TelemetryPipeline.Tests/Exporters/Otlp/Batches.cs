using System.Linq;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Otlp;

/// <summary>Batches to export.</summary>
internal static class Batches
{
    /// <summary>Spans in chunks of a given size.</summary>
    public static OtlpBatch Traces(int chunks = 1, int spansPerChunk = 3)
    {
        var traces = new TransferTraces();
        return OtlpPayloads.Batch([.. Enumerable.Range(0, chunks).Select(_ => (IMessage)traces.FromOneService(spansPerChunk))]);
    }

    public static OtlpBatch Metrics() => OtlpPayloads.Batch(new ExportMetricsServiceRequest
    {
        ResourceMetrics =
        {
            new ResourceMetrics
            {
                ScopeMetrics =
                {
                    new ScopeMetrics
                    {
                        Metrics =
                        {
                            new Metric { Name = "balance", Gauge = new Gauge { DataPoints = { new NumberDataPoint { AsInt = 7 } } } },
                        },
                    },
                },
            },
        },
    });

    public static OtlpBatch Logs() => OtlpPayloads.Batch(new ExportLogsServiceRequest
    {
        ResourceLogs = { new ResourceLogs { ScopeLogs = { new ScopeLogs { LogRecords = { new LogRecord { EventName = "booked" } } } } } },
    });

    /// <summary>The bytes that must arrive: all chunks one after the other.</summary>
    public static byte[] Bytes(OtlpBatch batch) => [.. batch.Chunks.SelectMany(static chunk => chunk.Bytes.ToArray())];
}
