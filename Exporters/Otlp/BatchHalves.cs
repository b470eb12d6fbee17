using System.Diagnostics.CodeAnalysis;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters.Otlp;

/// <summary>Cuts a batch that is too large for the server in two, and makes one outcome of the halves'.</summary>
internal static class BatchHalves
{
    /// <summary>Cuts a batch between its chunks.</summary>
    /// <param name="batch">The batch; borrowed.</param>
    /// <param name="first">The first half, for the caller to dispose of.</param>
    /// <param name="second">The second half, for the caller to dispose of.</param>
    /// <returns>False when it cannot be cut any further.</returns>
    public static bool TrySplit(
        OtlpBatch batch, [NotNullWhen(true)] out OtlpBatch? first, [NotNullWhen(true)] out OtlpBatch? second)
    {
        first = second = null;
        var chunks = batch.Chunks;
        if (chunks.Count < 2)
        {
            return false;
        }

        first = new OtlpBatch(batch.Signal, batch.Metadata);
        second = new OtlpBatch(batch.Signal, batch.Metadata);
        for (var i = 0; i < chunks.Count; i++)
        {
            (i < chunks.Count / 2 ? first : second).Append(chunks[i].Retain());
        }

        return true;
    }

    /// <summary>The outcome of both halves, of which the first is not to be repeated.</summary>
    /// <param name="first">The first half's outcome, accepted or rejected.</param>
    /// <param name="second">The second half's outcome.</param>
    /// <returns>
    /// A retry of the second half repeats the first as well: a batch has one fate, and twice is better than never.
    /// </returns>
    public static ConsumeResult Join(ConsumeResult first, ConsumeResult second)
    {
        if (second.Outcome == ConsumeOutcome.Retry || first.IsAccepted)
        {
            return second;
        }

        return second.IsAccepted ? first : first with { RejectedCount = first.RejectedCount + second.RejectedCount };
    }
}
