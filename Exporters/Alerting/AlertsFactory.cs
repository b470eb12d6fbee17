using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Alerting;

/// <summary>Makes <c>alerts</c> exporters.</summary>
internal sealed class AlertsFactory : ExporterFactory<AlertsConfig>
{
    /// <inheritdoc/>
    public override string Type => "alerts";

    /// <inheritdoc/>
    public override IReadOnlyList<Signal> Signals => [Signal.Logs];

    /// <inheritdoc/>
    public override AlertsConfig ReadConfig(ConfigSection section) => AlertsConfig.Read(section);

    /// <inheritdoc/>
    public override IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(AlertsConfig config) =>
        config.Sending.RequiredExtensions();

    /// <inheritdoc/>
    public override IExporter Create(ComponentContext context, AlertsConfig config) =>
        new AlertsExporter(context, config);
}
