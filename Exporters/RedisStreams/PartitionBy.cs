namespace TelemetryPipeline.Exporters.RedisStreams;

/// <summary>What decides on the partition of an item.</summary>
internal enum PartitionBy : byte
{
    /// <summary>The trace: all spans and log records of a trace are in one partition. Items without a trace as with <see cref="None"/>.</summary>
    TraceId,

    /// <summary>Nothing that the items have: whole batches take turns, by a hash of their content.</summary>
    None,

    /// <summary>The value of an attribute.</summary>
    Attribute,
}
