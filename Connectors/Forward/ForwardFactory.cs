using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Connectors.Forward;

/// <summary>Makes <c>forward</c> connectors, which have no settings.</summary>
internal sealed class ForwardFactory : ConnectorFactory<NoSettings>
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
    public override NoSettings ReadConfig(ConfigSection section) => default;

    /// <inheritdoc/>
    public override IConnector Create(ComponentContext context, NoSettings config, IReadOnlyList<Outlet> outlets) =>
        new ForwardConnector(outlets);
}
