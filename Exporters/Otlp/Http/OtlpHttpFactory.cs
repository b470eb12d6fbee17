using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.Otlp.Http;

/// <summary>Makes <c>otlp_http</c> exporters.</summary>
internal sealed class OtlpHttpFactory : ExporterFactory<OtlpHttpConfig>
{
    /// <inheritdoc/>
    public override string Type => "otlp_http";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Aliases => ["otlphttp"];

    /// <inheritdoc/>
    public override OtlpHttpConfig ReadConfig(ConfigSection section) => OtlpHttpConfig.Read(section);

    /// <inheritdoc/>
    public override IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(OtlpHttpConfig config) =>
        config.Sending.RequiredExtensions();

    /// <inheritdoc/>
    public override IExporter Create(ComponentContext context, OtlpHttpConfig config)
    {
        config.RequireEndpoints(context.Id, context.Signals);
        return new SendingExporter(context, config.Sending, new OtlpHttpSender(context, config));
    }
}
