namespace TelemetryPipeline.Exporters.RedisStreams;

/// <summary>Where an item goes.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Partition">The partition of it.</param>
internal readonly record struct Route(StreamKeys Stream, int Partition);
