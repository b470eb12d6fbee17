using TelemetryPipeline.Otlp.Indexing;

namespace TelemetryPipeline.Otlp;

/// <summary>Splits batches that are larger than the next stage takes.</summary>
public static class OtlpSplitter
{
    /// <summary>
    /// Splits a batch into parts of at most so many items and bytes. Chunks that fit are forwarded as they are; larger
    /// ones are cut between items: resources, scopes and metric headers are repeated, envelopes without items left out.
    /// </summary>
    /// <param name="batch">The batch; it keeps its data, and changes to it are applied.</param>
    /// <param name="maxItems">Most items in a part, 1 or more; 0 sets no limit.</param>
    /// <param name="maxBytes">Most bytes in a part; 0 sets no limit. An item that is larger alone makes a part of its own.</param>
    /// <param name="parts">Where the parts go, in order; the caller owns them. At least one, also for an empty batch.</param>
    public static void Split(OtlpBatch batch, int maxItems, long maxBytes, ICollection<OtlpBatch> parts)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxItems);
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        var items = maxItems == 0 ? int.MaxValue : maxItems;
        var bytes = maxBytes == 0 ? long.MaxValue : maxBytes;
        var part = new OtlpBatch(batch.Signal, batch.Metadata);
        foreach (var chunk in batch.Chunks)
        {
            if (chunk.ItemCount <= items - part.ItemCount && chunk.Length <= bytes - part.ByteCount)
            {
                part.Append(chunk.Retain());
            }
            else
            {
                part = Cut(chunk, items, bytes, part, parts);
            }
        }

        parts.Add(part);
    }

    /// <summary>Spreads the items of a chunk over parts.</summary>
    /// <returns>The last part, which may have room left.</returns>
    private static OtlpBatch Cut(OtlpChunk chunk, int maxItems, long maxBytes, OtlpBatch part, ICollection<OtlpBatch> parts)
    {
        var index = chunk.BorrowIndex();
        using var runs = new HolderRuns(index);
        var cutter = new ItemCutter(chunk.Bytes, index, runs);
        var first = 0;
        while (first < cutter.ItemCount)
        {
            var count = cutter.Fit(first, maxItems - part.ItemCount, maxBytes - part.ByteCount);
            if (count == 0 && part.ItemCount > 0)
            {
                parts.Add(part);
                part = new OtlpBatch(part.Signal, part.Metadata);
                continue;
            }

            count = Math.Max(count, 1);
            part.Append(Copy(chunk, ref cutter, first, count, maxBytes - part.ByteCount));
            first += count;
        }

        chunk.ReturnIndex();
        return part;
    }

    private static OtlpChunk Copy(OtlpChunk chunk, ref ItemCutter cutter, int first, int count, long maxBytes)
    {
        if (first == 0 && count == chunk.ItemCount && chunk.Length <= maxBytes)
        {
            return chunk.Retain();
        }

        var length = cutter.Measure(first, first + count);
        var rented = PinnedArrayPool.Process.Rent(Math.Max(length, 1));
        cutter.Write(rented);
        return OtlpChunk.FromRented(chunk.Signal, rented, length, count);
    }
}
