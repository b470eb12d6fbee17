using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.Otlp.Grpc;

/// <summary>Makes <c>otlp_grpc</c> exporters.</summary>
internal sealed class OtlpGrpcFactory : ExporterFactory<OtlpGrpcConfig>
{
    /// <inheritdoc/>
    public override string Type => "otlp_grpc";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Aliases => ["otlp"];

    /// <inheritdoc/>
    public override OtlpGrpcConfig ReadConfig(ConfigSection section) => OtlpGrpcConfig.Read(section);

    /// <inheritdoc/>
    public override IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(OtlpGrpcConfig config) =>
        config.Sending.RequiredExtensions();

    /// <inheritdoc/>
    public override IExporter Create(ComponentContext context, OtlpGrpcConfig config) =>
        new SendingExporter(context, config.Sending, new OtlpGrpcSender(context, config));
}
