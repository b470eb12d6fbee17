using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Exporters.RedisStreams.Flat;
using TelemetryPipeline.Redis;

namespace TelemetryPipeline.Exporters.RedisStreams;

/// <summary>The memory of one attempt, used again by the next.</summary>
internal sealed class EntryWork(RedisStreamsExporterConfig config, int windowCapacity, TimeProvider time, Action<RedisFailure> failed) : IDisposable
{
    public EntryWindow Window { get; } = new(windowCapacity, failed);

    public EntryArguments Arguments { get; } = new(config, time);

    public EntryBuffer Entry { get; } = new();

    public FlatEncoder Flat { get; } = new(config.Attributes, config.ResourceAttributes);

    public PooledBuffer Scratch { get; } = new();

    /// <summary>Where the items of a batch go, each place once.</summary>
    public List<Route> Places { get; } = [];

    /// <summary>The number of each of <see cref="Places"/>.</summary>
    public Dictionary<Route, int> PlaceNumbers { get; } = [];

    public void Dispose()
    {
        Entry.Dispose();
        Flat.Dispose();
        Scratch.Dispose();
    }
}
