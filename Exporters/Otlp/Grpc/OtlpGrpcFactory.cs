using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.Otlp.Grpc;

/// <summary>Makes <c>otlp_grpc</c> exporters.</summary>
public sealed class OtlpGrpcFactory : ExporterFactory
{
    /// <inheritdoc/>
    public override string Type => "otlp_grpc";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Aliases => ["otlp"];

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => OtlpGrpcConfig.Read(section);

    /// <inheritdoc/>
    public override IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(object config) =>
        ((OtlpGrpcConfig)config).Sending.RequiredExtensions();

    /// <inheritdoc/>
    public override IExporter Create(ComponentContext context, object config)
    {
        var settings = (OtlpGrpcConfig)config;
        return new SendingExporter(context, settings.Sending, new OtlpGrpcSender(context, settings));
    }
}
