using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Receiver.RedisStreams;

namespace TelemetryPipeline.Receiver;

/// <summary>The receivers of this build, one line each.</summary>
public static class ReceiverComponents
{
    /// <summary>Their factories.</summary>
    public static IReadOnlyList<ComponentFactory> All { get; } =
    [
        new OtlpReceiverFactory(),
        new RedisStreamsReceiverFactory(),
    ];
}
