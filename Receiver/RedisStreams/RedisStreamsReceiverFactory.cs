using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Receiver.RedisStreams;

/// <summary>Makes <c>redis_streams</c> receivers.</summary>
public sealed class RedisStreamsReceiverFactory : ReceiverFactory
{
    /// <inheritdoc/>
    public override string Type => "redis_streams";

    /// <inheritdoc/>
    public override object ReadConfig(ConfigSection section) => RedisStreamsReceiverConfig.Read(section);

    /// <inheritdoc/>
    public override IReceiver Create(ComponentContext context, object config, IReadOnlyList<Outlet> outlets) =>
        new RedisStreamsReceiver(context, (RedisStreamsReceiverConfig)config, outlets);
}
