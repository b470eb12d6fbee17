using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters.Otlp;

/// <summary>Cuts a batch that is too large for the server, and makes one outcome of the parts'.</summary>
internal static class BatchHalves
{
    /// <summary>Cuts a batch into parts of at most half its items.</summary>
    /// <param name="batch">The batch; borrowed.</param>
    /// <returns>The parts, for the caller to dispose of; empty when there is nothing to cut.</returns>
    public static List<OtlpBatch> Split(OtlpBatch batch)
    {
        var parts = new List<OtlpBatch>(3);
        if (batch.ItemCount > 1)
        {
            OtlpSplitter.Split(batch, (batch.ItemCount + 1) / 2, maxBytes: 0, parts);
        }

        return parts;
    }

    /// <summary>The outcome of two parts, of which the first is not to be repeated.</summary>
    /// <param name="first">The first part's outcome, accepted or rejected.</param>
    /// <param name="second">The second part's outcome.</param>
    /// <returns>
    /// A retry of the second part repeats the first as well: a batch has one fate, and twice is better than never.
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
