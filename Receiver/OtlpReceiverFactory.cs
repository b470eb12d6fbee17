using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Receiver;

/// <summary>Makes receivers of type <c>otlp</c>.</summary>
internal sealed class OtlpReceiverFactory : ReceiverFactory<OtlpReceiverConfig>
{
    /// <inheritdoc/>
    public override string Type => "otlp";

    /// <inheritdoc/>
    public override Stability Stability => Stability.Stable;

    /// <inheritdoc/>
    public override OtlpReceiverConfig ReadConfig(ConfigSection section) => OtlpReceiverConfig.Read(section);

    /// <inheritdoc/>
    public override IReceiver Create(ComponentContext context, OtlpReceiverConfig config, IReadOnlyList<Outlet> outlets) =>
        new OtlpReceiver(context, config, outlets);
}
