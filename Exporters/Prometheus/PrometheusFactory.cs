using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>Makes <c>prometheus</c> exporters.</summary>
internal sealed class PrometheusFactory : ExporterFactory<PrometheusConfig>
{
    /// <inheritdoc/>
    public override string Type => "prometheus";

    /// <inheritdoc/>
    public override IReadOnlyList<Signal> Signals => [Signal.Metrics];

    /// <inheritdoc/>
    public override PrometheusConfig ReadConfig(ConfigSection section) => PrometheusConfig.Read(section);

    /// <inheritdoc/>
    public override IExporter Create(ComponentContext context, PrometheusConfig config) =>
        new PrometheusExporter(context, config);
}
