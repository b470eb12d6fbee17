using Microsoft.Extensions.Logging;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Processors.Batch;

/// <summary>Hands batches to the next component and keeps the books: what leaves here was forwarded, is dropped and counted, or stays.</summary>
internal sealed partial class BatchSender(IConsumer next, HeldBytes held, BatchMetrics metrics, ILogger log)
{
    private readonly ILogger _log = log;

    /// <summary>The processor's metrics.</summary>
    public BatchMetrics Metrics => metrics;

    /// <summary>Offers a batch once; disposes of it unless it is to be offered again.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="cancellation">Ends waiting inside the next component.</param>
    /// <returns>Null when the batch is settled; otherwise the least time before it may be offered again.</returns>
    public async ValueTask<TimeSpan?> OfferAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        held.BeginOffer();
        TimeSpan? retry = null;
        try
        {
            retry = await OfferOnceAsync(batch, cancellation).ConfigureAwait(false);
        }
        finally
        {
            held.EndOffer(refused: retry is not null);
        }

        return retry;
    }

    /// <summary>Notes that what is held became longer, or shorter.</summary>
    /// <param name="bytes">By how much.</param>
    public void Resize(long bytes) => held.Add(bytes);

    /// <summary>Gives a batch up.</summary>
    /// <param name="reason">A metric label.</param>
    /// <param name="why">A clause for the log.</param>
    /// <param name="batch">The batch; disposed of.</param>
    public void Drop(string reason, string why, OtlpBatch batch)
    {
        LogDropped(reason, batch.ItemCount, why);
        Settle(batch, reason, batch.ItemCount);
    }

    private async ValueTask<TimeSpan?> OfferOnceAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        // A fork: a stage further on may change what it is given and then ask for a retry, and what is offered again
        // must be as it was.
        using var offered = batch.Fork();
        ConsumeResult result;
        try
        {
            result = await next.ConsumeAsync(offered, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            result = ConsumeResult.Retry("cancelled", "waiting ended early");
        }
        catch (Exception e)
        {
            // A bug of a component further on must not take other senders' batches with it.
            LogFailed(e, batch.ItemCount);
            Settle(batch, "internal_error", batch.ItemCount);
            return null;
        }

        switch (result.Outcome)
        {
            case ConsumeOutcome.Retry:
                Metrics.Held.Add(1);
                LogHeld(result.Reason, batch.ItemCount, result.Message);
                return result.RetryAfter;
            case ConsumeOutcome.Rejected:
                LogRejected(result.Reason, result.RejectedCount, batch.ItemCount, result.Message);
                Settle(batch, result.Reason, Math.Min(result.RejectedCount, batch.ItemCount));
                return null;
            default:
                Settle(batch, "", 0);
                return null;
        }
    }

    private void Settle(OtlpBatch batch, string reason, int dropped)
    {
        if (dropped > 0)
        {
            Metrics.Dropped(reason, dropped);
        }

        if (dropped < batch.ItemCount)
        {
            Metrics.Sent(batch.ItemCount, batch.ByteCount);
        }

        held.Add(-batch.ByteCount);
        batch.Dispose();
    }
}
