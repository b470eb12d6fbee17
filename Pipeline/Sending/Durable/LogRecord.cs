using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Sending.Durable;

/// <summary>A record read from the log, to be acknowledged or returned.</summary>
/// <param name="Segment">Where it is.</param>
/// <param name="Offset">Where it begins there.</param>
/// <param name="Id">Its id.</param>
/// <param name="Load">What it weighs.</param>
/// <param name="Batch">The data; owned by whoever read the record.</param>
internal sealed record LogRecord(Segment Segment, long Offset, ulong Id, QueueLoad Load, OtlpBatch Batch);
