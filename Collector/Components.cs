using TelemetryPipeline.Attribution;
using TelemetryPipeline.Attribution.Marking;
using TelemetryPipeline.Connectors.Forward;
using TelemetryPipeline.Exporters.Alerting;
using TelemetryPipeline.Exporters.DebugOutput;
using TelemetryPipeline.Exporters.Elasticsearch;
using TelemetryPipeline.Exporters.FileOutput;
using TelemetryPipeline.Exporters.Nop;
using TelemetryPipeline.Exporters.Otlp.Grpc;
using TelemetryPipeline.Exporters.Otlp.Http;
using TelemetryPipeline.Exporters.Prometheus;
using TelemetryPipeline.Exporters.RedisStreams;
using TelemetryPipeline.Extensions.FileStorage;
using TelemetryPipeline.Extensions.HealthCheck;
using TelemetryPipeline.Extensions.Zpages;
using TelemetryPipeline.Heatmap;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Processors.Attributes;
using TelemetryPipeline.Processors.Batch;
using TelemetryPipeline.Processors.FieldEncryption;
using TelemetryPipeline.Processors.Filter;
using TelemetryPipeline.Processors.FinancialEnrichment;
using TelemetryPipeline.Processors.MemoryLimiter;
using TelemetryPipeline.Receiver;
using TelemetryPipeline.Receiver.RedisStreams;

namespace TelemetryPipeline.Collector;

/// <summary>The one registry: every component that this build contains, one line each.</summary>
internal static class Components
{
    /// <summary>All of them.</summary>
    public static ComponentRegistry All { get; } = new(
    [
        // Receivers
        new OtlpReceiverFactory(),
        new RedisStreamsReceiverFactory(),

        // Processors
        new MemoryLimiterFactory(),
        new BatchFactory(),
        new AttributesFactory(),
        new ResourceFactory(),
        new FilterFactory(),
        new FinancialEnrichmentFactory(),
        new FieldEncryptionFactory(),
        new AttributionMarkFactory(),

        // Connectors
        new ForwardFactory(),
        new LatencyHeatmapFactory(),
        new AnomalyAttributionFactory(),

        // Exporters
        new NopFactory(),
        new DebugFactory(),
        new FileFactory(),
        new OtlpGrpcFactory(),
        new OtlpHttpFactory(),
        new PrometheusFactory(),
        new AlertsFactory(),
        new ElasticsearchFactory(),
        new RedisStreamsExporterFactory(),

        // Extensions
        new HealthCheckFactory(),
        new ZpagesFactory(),
        new FileStorageFactory(),
    ]);
}
