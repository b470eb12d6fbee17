using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Heatmap;

/// <summary>Makes <c>latency_heatmap</c> connectors.</summary>
public sealed class LatencyHeatmapFactory : ConnectorFactory
{
    /// <inheritdoc/>
    public override string Type => "latency_heatmap";

    /// <inheritdoc/>
    public override IReadOnlyList<(Signal From, Signal To)> Routes =>
        [(Signal.Traces, Signal.Metrics), (Signal.Metrics, Signal.Metrics)];

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => LatencyHeatmapConfig.Read(section);

    /// <inheritdoc/>
    public override IConnector Create(ComponentContext context, object config, IReadOnlyList<Outlet> outlets) =>
        new LatencyHeatmapConnector(context, (LatencyHeatmapConfig)config, outlets[(int)Signal.Metrics]);
}
