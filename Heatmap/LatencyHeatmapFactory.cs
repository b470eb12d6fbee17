using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Heatmap;

/// <summary>Makes <c>latency_heatmap</c> connectors.</summary>
internal sealed class LatencyHeatmapFactory : ConnectorFactory<LatencyHeatmapConfig>
{
    /// <inheritdoc/>
    public override string Type => "latency_heatmap";

    /// <inheritdoc/>
    public override IReadOnlyList<(Signal From, Signal To)> Routes =>
        [(Signal.Traces, Signal.Metrics), (Signal.Metrics, Signal.Metrics)];

    /// <inheritdoc/>
    public override LatencyHeatmapConfig ReadConfig(ConfigSection section) => LatencyHeatmapConfig.Read(section);

    /// <inheritdoc/>
    public override IConnector Create(ComponentContext context, LatencyHeatmapConfig config, IReadOnlyList<Outlet> outlets) =>
        new LatencyHeatmapConnector(context, config, outlets[(int)Signal.Metrics]);
}
