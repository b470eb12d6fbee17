using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Alerting;

/// <summary>Makes <c>alerts</c> exporters.</summary>
public sealed class AlertsFactory : ExporterFactory
{
    /// <inheritdoc/>
    public override string Type => "alerts";

    /// <inheritdoc/>
    public override IReadOnlyList<Signal> Signals => [Signal.Logs];

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => AlertsConfig.Read(section);

    /// <inheritdoc/>
    public override IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(object config) =>
        ((AlertsConfig)config).Sending.RequiredExtensions();

    /// <inheritdoc/>
    public override IExporter Create(ComponentContext context, object config) =>
        new AlertsExporter(context, (AlertsConfig)config);
}
