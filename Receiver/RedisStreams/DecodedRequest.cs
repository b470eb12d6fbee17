using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Receiver.RedisStreams;

/// <summary>The request of an entry.</summary>
/// <param name="Signal">What it carries.</param>
/// <param name="Chunk">Its valid items, with one reference, the caller's; null where there are none.</param>
/// <param name="Refused">What was left out of it; null where nothing was.</param>
internal readonly record struct DecodedRequest(Signal Signal, OtlpChunk? Chunk, RefusedItems? Refused);
