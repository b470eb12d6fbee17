using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Processors.Batch;

/// <summary>What all shards of a processor share.</summary>
/// <param name="Config">The options.</param>
/// <param name="Time">The clock.</param>
/// <param name="Background">Runs the timers.</param>
/// <param name="Drains">Records unexpected errors while waiting batches are offered.</param>
/// <param name="BatchBytesMax">Bytes that make a batch go out whatever its number of items.</param>
/// <param name="Lifetime">Ends when the time for draining is over.</param>
internal sealed record BatchSettings(
    BatchConfig Config, TimeProvider Time, BackgroundWork Background, BackgroundLoop Drains, long BatchBytesMax, CancellationToken Lifetime);
