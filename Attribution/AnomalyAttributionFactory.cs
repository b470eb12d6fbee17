using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution;

/// <summary>Makes <c>anomaly_attribution</c> connectors.</summary>
public sealed class AnomalyAttributionFactory : ConnectorFactory
{
    /// <inheritdoc/>
    public override string Type => "anomaly_attribution";

    /// <inheritdoc/>
    public override IReadOnlyList<(Signal From, Signal To)> Routes => [(Signal.Traces, Signal.Logs)];

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => AnomalyAttributionConfig.Read(section);

    /// <inheritdoc/>
    public override IConnector Create(ComponentContext context, object config, IReadOnlyList<Outlet> outlets) =>
        new AnomalyAttributionConnector(context, (AnomalyAttributionConfig)config, outlets[(int)Signal.Logs]);
}
