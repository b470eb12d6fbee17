using System.Buffers.Binary;

namespace TelemetryPipeline.Heatmap;

/// <summary>
/// A past column in as few bytes as its counts need. Most slots of a second are empty, so a series of an hour takes a
/// small part of what a dense grid would.
/// </summary>
/// <remarks>
/// Form: the slowest latency and the fastest one in nanoseconds, and the sum of all (three varints); a mask of the slots that are not empty (10 bytes, little endian,
/// bit i for slot i); then their counts, each a varint, in ascending order of the slots.
/// </remarks>
internal static class CompactColumn
{
    private const int MaskSizeBytes = (LatencyBuckets.SlotCount + 7) / 8;
    private const int VarintSizeBytesMax = 10;

    /// <summary>More than any column takes.</summary>
    public const int SizeBytesMax = (3 * VarintSizeBytesMax) + MaskSizeBytes + (LatencyBuckets.SlotCount * VarintSizeBytesMax);

    /// <summary>Writes a column.</summary>
    /// <param name="column">The counts.</param>
    /// <param name="output">At least <see cref="SizeBytesMax"/> long.</param>
    /// <returns>Bytes written.</returns>
    public static int Encode(DenseColumn column, Span<byte> output)
    {
        var at = WriteVarint(output, (ulong)column.SlowestNs);
        at += WriteVarint(output[at..], (ulong)column.FastestNs);
        at += WriteVarint(output[at..], column.SumNs);
        var mask = output.Slice(at, MaskSizeBytes);
        mask.Clear();
        at += MaskSizeBytes;
        var counts = column.Counts;
        for (var slot = 0; slot < counts.Length; slot++)
        {
            if (counts[slot] != 0)
            {
                mask[slot >> 3] |= (byte)(1 << (slot & 7));
                at += WriteVarint(output[at..], counts[slot]);
            }
        }

        return at;
    }

    /// <summary>Adds a written column to a dense one.</summary>
    /// <param name="encoded">What <see cref="Encode"/> wrote.</param>
    /// <param name="column">Takes the counts.</param>
    public static void AddTo(ReadOnlySpan<byte> encoded, DenseColumn column)
    {
        var at = ReadVarint(encoded, out var slowest);
        column.SlowestNs = Math.Max(column.SlowestNs, (long)slowest);
        at += ReadVarint(encoded[at..], out var fastest);
        column.FastestNs = Math.Min(column.FastestNs, (long)fastest);
        at += ReadVarint(encoded[at..], out var sum);
        column.SumNs = DenseColumn.AddSaturated(column.SumNs, sum);
        var low = BinaryPrimitives.ReadUInt64LittleEndian(encoded[at..]);
        var high = BinaryPrimitives.ReadUInt16LittleEndian(encoded[(at + 8)..]);
        at += MaskSizeBytes;
        var counts = column.Counts;
        for (; low != 0; low &= low - 1)
        {
            at += ReadVarint(encoded[at..], out var count);
            counts[System.Numerics.BitOperations.TrailingZeroCount(low)] += count;
        }

        for (var rest = (uint)high; rest != 0; rest &= rest - 1)
        {
            at += ReadVarint(encoded[at..], out var count);
            counts[64 + System.Numerics.BitOperations.TrailingZeroCount(rest)] += count;
        }
    }

    /// <summary>Whether bytes from outside are a column that <see cref="Encode"/> could have written.</summary>
    /// <param name="encoded">The bytes.</param>
    public static bool IsValid(ReadOnlySpan<byte> encoded)
    {
        Span<ulong> head = stackalloc ulong[3];
        foreach (ref var number in head)
        {
            if (!TryReadVarint(ref encoded, out number))
            {
                return false;
            }
        }

        if (encoded.Length < MaskSizeBytes || head[0] > long.MaxValue || head[1] > head[0])
        {
            return false;
        }

        var low = BinaryPrimitives.ReadUInt64LittleEndian(encoded);
        var high = BinaryPrimitives.ReadUInt16LittleEndian(encoded[sizeof(ulong)..]);
        encoded = encoded[MaskSizeBytes..];
        var slots = System.Numerics.BitOperations.PopCount(low) + System.Numerics.BitOperations.PopCount(high);
        if (high >> (LatencyBuckets.SlotCount - 64) != 0 || slots == 0)
        {
            return false;
        }

        for (; slots > 0; slots--)
        {
            if (!TryReadVarint(ref encoded, out var count) || count == 0)
            {
                return false;
            }
        }

        return encoded.IsEmpty;
    }

    private static bool TryReadVarint(ref ReadOnlySpan<byte> input, out ulong value)
    {
        value = 0;
        for (var at = 0; at < Math.Min(input.Length, VarintSizeBytesMax); at++)
        {
            value |= (ulong)(input[at] & 0x7F) << (7 * at);
            if (input[at] < 0x80)
            {
                input = input[(at + 1)..];
                return true;
            }
        }

        return false;
    }

    private static int WriteVarint(Span<byte> output, ulong value)
    {
        var at = 0;
        while (value >= 0x80)
        {
            output[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        output[at++] = (byte)value;
        return at;
    }

    private static int ReadVarint(ReadOnlySpan<byte> input, out ulong value)
    {
        value = 0;
        var at = 0;
        while (true)
        {
            var b = input[at];
            value |= (ulong)(b & 0x7F) << (7 * at);
            at++;
            if (b < 0x80)
            {
                return at;
            }
        }
    }
}
