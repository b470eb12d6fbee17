using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>Cuts a batch that is larger than a parcel may be.</summary>
internal static class BatchCutter
{
    /// <summary>Cuts a batch so that no piece exceeds the limit; an item that is larger alone makes a piece of its own.</summary>
    /// <param name="batch">Borrowed.</param>
    /// <param name="limits">The largest size and its unit.</param>
    /// <returns>One or more batches, owned by the caller.</returns>
    public static List<OtlpBatch> Cut(OtlpBatch batch, QueueBatchConfig limits)
    {
        var pieces = new List<OtlpBatch>();
        var isItems = limits.Sizer == QueueSizer.Items;
        OtlpSplitter.Split(
            batch,
            isItems ? (int)Math.Min(limits.MaxSize, int.MaxValue) : 0,
            isItems ? 0 : limits.MaxSize,
            pieces);
        return pieces;
    }
}
