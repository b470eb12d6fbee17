using TelemetryPipeline.Exporters.Alerting;
using TelemetryPipeline.Exporters.DebugOutput;
using TelemetryPipeline.Exporters.Elasticsearch;
using TelemetryPipeline.Exporters.FileOutput;
using TelemetryPipeline.Exporters.Nop;
using TelemetryPipeline.Exporters.Otlp.Grpc;
using TelemetryPipeline.Exporters.Otlp.Http;
using TelemetryPipeline.Exporters.Prometheus;
using TelemetryPipeline.Exporters.RedisStreams;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters;

/// <summary>The exporters of this build, one line each.</summary>
public static class ExporterComponents
{
    /// <summary>Their factories.</summary>
    public static IReadOnlyList<ComponentFactory> All { get; } =
    [
        new NopFactory(),
        new DebugFactory(),
        new FileFactory(),
        new OtlpGrpcFactory(),
        new OtlpHttpFactory(),
        new PrometheusFactory(),
        new AlertsFactory(),
        new ElasticsearchFactory(),
        new RedisStreamsExporterFactory(),
    ];
}
