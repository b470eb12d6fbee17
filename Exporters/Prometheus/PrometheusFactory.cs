using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>Makes <c>prometheus</c> exporters.</summary>
public sealed class PrometheusFactory : ExporterFactory
{
    /// <inheritdoc/>
    public override string Type => "prometheus";

    /// <inheritdoc/>
    public override IReadOnlyList<Signal> Signals => [Signal.Metrics];

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => PrometheusConfig.Read(section);

    /// <inheritdoc/>
    public override IExporter Create(ComponentContext context, object config) =>
        new PrometheusExporter(context, (PrometheusConfig)config);
}
