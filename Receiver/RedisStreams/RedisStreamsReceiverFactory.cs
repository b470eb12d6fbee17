using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Receiver.RedisStreams;

/// <summary>Makes <c>redis_streams</c> receivers.</summary>
internal sealed class RedisStreamsReceiverFactory : ReceiverFactory<RedisStreamsReceiverConfig>
{
    /// <inheritdoc/>
    public override string Type => "redis_streams";

    /// <inheritdoc/>
    public override RedisStreamsReceiverConfig ReadConfig(ConfigSection section) => RedisStreamsReceiverConfig.Read(section);

    /// <inheritdoc/>
    public override IReceiver Create(ComponentContext context, RedisStreamsReceiverConfig config, IReadOnlyList<Outlet> outlets) =>
        new RedisStreamsReceiver(context, config, outlets);
}
