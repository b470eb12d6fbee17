using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>
/// The transport of an exporter: one attempt to deliver one batch. Queueing, batching, retries and time limits are
/// around it, in <c>SendingExporter</c>.
/// </summary>
public interface ISender : IComponent
{
    /// <summary>Delivers a batch, once.</summary>
    /// <param name="batch">Borrowed until the returned task completes.</param>
    /// <param name="cancellation">The attempt's time limit, or the end of the process.</param>
    /// <returns>
    /// Accepted: the other side has it. Retry: worth another attempt, after at least <see cref="ConsumeResult.RetryAfter"/>.
    /// Rejected: pointless to repeat, with the number of items the other side did not take.
    /// Expected failures (a refused connection, a time limit) are outcomes, never exceptions.
    /// </returns>
    ValueTask<ConsumeResult> SendAsync(OtlpBatch batch, CancellationToken cancellation);
}
