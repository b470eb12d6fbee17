using TelemetryPipeline.Exporters.Otlp.Grpc;
using TelemetryPipeline.Exporters.Otlp.Http;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Collector;

/// <summary>The one registry: every component that this build contains, one line each.</summary>
internal static class Components
{
    /// <summary>All of them.</summary>
    public static ComponentRegistry All { get; } = new(
    [
        // Receivers

        // Processors

        // Connectors

        // Exporters
        new OtlpGrpcFactory(),
        new OtlpHttpFactory(),

        // Extensions
    ]);
}
