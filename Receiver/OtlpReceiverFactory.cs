using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Receiver;

/// <summary>Makes receivers of type <c>otlp</c>.</summary>
public sealed class OtlpReceiverFactory : ReceiverFactory
{
    /// <inheritdoc/>
    public override string Type => "otlp";

    /// <inheritdoc/>
    public override Stability Stability => Stability.Stable;

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => OtlpReceiverConfig.Read(section);

    /// <inheritdoc/>
    public override IReceiver Create(ComponentContext context, object config, IReadOnlyList<Outlet> outlets) =>
        new OtlpReceiver(context, (OtlpReceiverConfig)config, outlets);
}
