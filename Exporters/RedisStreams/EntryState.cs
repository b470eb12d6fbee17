namespace TelemetryPipeline.Exporters.RedisStreams;

/// <summary>What became of an entry.</summary>
internal enum EntryState : byte
{
    /// <summary>Nothing, or it is not known.</summary>
    Open,

    /// <summary>It is in the stream.</summary>
    Written,

    /// <summary>Redis refuses it for good.</summary>
    Rejected,
}
