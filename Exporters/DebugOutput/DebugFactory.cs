using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Makes <c>debug</c> exporters.</summary>
internal sealed class DebugFactory : ExporterFactory<DebugConfig>
{
    /// <inheritdoc/>
    public override string Type => "debug";

    /// <inheritdoc/>
    public override DebugConfig ReadConfig(ConfigSection section) => DebugConfig.Read(section);

    /// <inheritdoc/>
    public override IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(DebugConfig config) =>
        config.Sending.RequiredExtensions();

    /// <inheritdoc/>
    public override IExporter Create(ComponentContext context, DebugConfig config) =>
        new SendingExporter(context, config.Sending, new DebugSender(context, config));
}
