using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>
/// Sends a batch in halves, and those in halves again, while the server refuses them for their size. A single item that
/// is too large is rejected alone.
/// </summary>
internal static class BatchHalves
{
    /// <summary>The reason of a rejection for the size of the request: the batch is sent in halves.</summary>
    public const string TooLarge = "too_large";

    /// <summary>Sends a batch, in parts where it has to.</summary>
    /// <param name="batch">The batch; borrowed.</param>
    /// <param name="send">Sends a batch or a part of one; rejects it with <see cref="TooLarge"/> for its size.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <returns>
    /// The outcome for the whole batch. A retry of the second part repeats the first as well: a batch has one outcome,
    /// and twice is better than never.
    /// </returns>
    public static async ValueTask<ConsumeResult> SendAsync(
        OtlpBatch batch, Func<OtlpBatch, CancellationToken, ValueTask<ConsumeResult>> send, CancellationToken cancellation)
    {
        var result = await send(batch, cancellation).ConfigureAwait(false);
        return result is { Outcome: ConsumeOutcome.Rejected, Reason: TooLarge } && batch.ItemCount > 1
            ? await SendPartsAsync(batch, result, send, cancellation).ConfigureAwait(false)
            : result;
    }

    private static async ValueTask<ConsumeResult> SendPartsAsync(
        OtlpBatch batch, ConsumeResult refusal, Func<OtlpBatch, CancellationToken, ValueTask<ConsumeResult>> send,
        CancellationToken cancellation)
    {
        var parts = new List<OtlpBatch>(3);
        try
        {
            OtlpSplitter.Split(batch, (batch.ItemCount + 1) / 2, maxBytes: 0, parts);
            var result = parts.Count < 2 ? refusal : ConsumeResult.Accepted;
            for (var i = 0; parts.Count >= 2 && i < parts.Count && result.Outcome != ConsumeOutcome.Retry; i++)
            {
                result = Join(result, await SendAsync(parts[i], send, cancellation).ConfigureAwait(false));
            }

            return result;
        }
        finally
        {
            foreach (var part in parts)
            {
                part.Dispose();
            }
        }
    }

    private static ConsumeResult Join(ConsumeResult first, ConsumeResult second)
    {
        if (second.Outcome == ConsumeOutcome.Retry || first.IsAccepted)
        {
            return second;
        }

        return second.IsAccepted ? first : first with { RejectedCount = first.RejectedCount + second.RejectedCount };
    }
}
