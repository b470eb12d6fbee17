using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>Cuts a batch that is larger than a parcel may be.</summary>
internal static class BatchCutter
{
    /// <summary>Cuts a batch so that no piece exceeds the limit; an item that is larger alone makes a piece of its own.</summary>
    /// <param name="batch">Borrowed.</param>
    /// <param name="limits">The largest size and its unit.</param>
    /// <param name="pieces">Takes one or more batches, owned by the caller, also where cutting fails on the way.</param>
    /// <exception cref="InvalidDataException">The batch's bytes are not what validation let in.</exception>
    public static void Cut(OtlpBatch batch, QueueBatchConfig limits, List<OtlpBatch> pieces)
    {
        var isItems = limits.Sizer == QueueSizer.Items;
        OtlpSplitter.Split(
            batch,
            isItems ? (int)Math.Min(limits.MaxSize, int.MaxValue) : 0,
            isItems ? 0 : limits.MaxSize,
            pieces);
        var items = 0;
        foreach (var piece in pieces)
        {
            items += piece.ItemCount;
        }

        if (items != batch.ItemCount)
        {
            throw new InvalidDataException($"cutting found {items} items in a batch of {batch.ItemCount}");
        }
    }
}
