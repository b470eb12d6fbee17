using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Connectors.Forward;

/// <summary>Makes <c>forward</c> connectors, which have no settings.</summary>
public sealed class ForwardFactory : ConnectorFactory
{
    /// <inheritdoc/>
    public override string Type => "forward";

    /// <inheritdoc/>
    public override Stability Stability => Stability.Stable;

    /// <inheritdoc/>
    public override IReadOnlyList<(Signal From, Signal To)> Routes =>
    [
        (Signal.Traces, Signal.Traces), (Signal.Metrics, Signal.Metrics), (Signal.Logs, Signal.Logs),
    ];

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => this;

    /// <inheritdoc/>
    public override IConnector Create(ComponentContext context, object config, IReadOnlyList<Outlet> outlets) =>
        new ForwardConnector(outlets);
}
