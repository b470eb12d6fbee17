using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline;

/// <summary>Anything that takes batches: a processor, an exporter, a connector, a pipeline.</summary>
public interface IConsumer
{
    /// <summary>Takes a batch, or says why not.</summary>
    /// <param name="batch">
    /// Borrowed until the returned task completes: to keep the data longer, take a <see cref="OtlpBatch.Fork"/>.
    /// Changes to it are seen by whatever comes after in the same pipeline, and by nobody else.
    /// </param>
    /// <param name="cancellation">
    /// The sender went away. Only waiting (for room in a queue, for a result) ends early; a component must not drop
    /// what it had already taken.
    /// </param>
    /// <returns>The outcome. Expected failures are outcomes; an exception is a bug.</returns>
    ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation);
}
