using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution;

/// <summary>Makes <c>anomaly_attribution</c> connectors.</summary>
internal sealed class AnomalyAttributionFactory : ConnectorFactory<AnomalyAttributionConfig>
{
    /// <inheritdoc/>
    public override string Type => "anomaly_attribution";

    /// <inheritdoc/>
    public override IReadOnlyList<(Signal From, Signal To)> Routes => [(Signal.Traces, Signal.Logs)];

    /// <inheritdoc/>
    public override AnomalyAttributionConfig ReadConfig(ConfigSection section) => AnomalyAttributionConfig.Read(section);

    /// <inheritdoc/>
    public override IConnector Create(ComponentContext context, AnomalyAttributionConfig config, IReadOnlyList<Outlet> outlets) =>
        new AnomalyAttributionConnector(context, config, outlets[(int)Signal.Logs]);
}
