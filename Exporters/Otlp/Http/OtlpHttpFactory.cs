using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.Otlp.Http;

/// <summary>Makes <c>otlp_http</c> exporters.</summary>
public sealed class OtlpHttpFactory : ExporterFactory
{
    /// <inheritdoc/>
    public override string Type => "otlp_http";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Aliases => ["otlphttp"];

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => OtlpHttpConfig.Read(section);

    /// <inheritdoc/>
    public override IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(object config) =>
        ((OtlpHttpConfig)config).Sending.RequiredExtensions();

    /// <inheritdoc/>
    public override IExporter Create(ComponentContext context, object config)
    {
        var settings = (OtlpHttpConfig)config;
        settings.RequireEndpoints(context.Id, context.Signals);
        return new SendingExporter(context, settings.Sending, new OtlpHttpSender(context, settings));
    }
}
