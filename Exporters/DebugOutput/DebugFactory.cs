using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Makes <c>debug</c> exporters.</summary>
public sealed class DebugFactory : ExporterFactory
{
    /// <inheritdoc/>
    public override string Type => "debug";

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => DebugConfig.Read(section);

    /// <inheritdoc/>
    public override IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(object config) =>
        ((DebugConfig)config).Sending.RequiredExtensions();

    /// <inheritdoc/>
    public override IExporter Create(ComponentContext context, object config)
    {
        var settings = (DebugConfig)config;
        return new SendingExporter(context, settings.Sending, new DebugSender(context, settings));
    }
}
