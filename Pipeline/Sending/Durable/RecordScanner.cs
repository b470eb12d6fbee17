using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace TelemetryPipeline.Pipeline.Sending.Durable;

/// <summary>Finds the records of a segment, also behind damaged ones.</summary>
internal static class RecordScanner
{
    private const int WindowSize = 64 * 1024;

    /// <summary>Finds the first whole record at an offset or behind it.</summary>
    /// <param name="file">The segment's file.</param>
    /// <param name="salt">The segment's salt.</param>
    /// <param name="offset">Where to begin.</param>
    /// <param name="end">Where the segment ends.</param>
    /// <param name="baseId">The id of the segment's first record.</param>
    /// <param name="idMin">The least id the record can have.</param>
    /// <param name="header">The record's header, verified; its body is not.</param>
    /// <returns>Where the record begins; -1 when there is none.</returns>
    public static long Find(SafeFileHandle file, uint salt, long offset, long end, ulong baseId, ulong idMin, out RecordHeader header)
    {
        Span<byte> bytes = stackalloc byte[RecordHeader.Size];
        if (TryReadAt(file, salt, offset, end, baseId, idMin, bytes, out header))
        {
            return offset;
        }

        return Search(file, salt, RecordHeader.Align(offset + 1), end, baseId, idMin, out header);
    }

    private static long Search(SafeFileHandle file, uint salt, long offset, long end, ulong baseId, ulong idMin, out RecordHeader header)
    {
        var window = new byte[WindowSize];
        Span<byte> bytes = stackalloc byte[RecordHeader.Size];
        while (offset + RecordHeader.Size <= end)
        {
            var read = ReadFully(file, window.AsSpan(0, (int)Math.Min(WindowSize, end - offset)), offset);
            for (var at = 0; at + sizeof(uint) <= read; at += RecordHeader.Alignment)
            {
                if (BinaryPrimitives.ReadUInt32LittleEndian(window.AsSpan(at)) == salt
                    && TryReadAt(file, salt, offset + at, end, baseId, idMin, bytes, out header))
                {
                    return offset + at;
                }
            }

            offset += WindowSize;
        }

        header = default;
        return -1;
    }

    /// <summary>Reads as much as there is.</summary>
    public static int ReadFully(SafeFileHandle file, Span<byte> target, long offset)
    {
        var total = 0;
        while (total < target.Length)
        {
            var read = RandomAccess.Read(file, target[total..], offset + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    private static bool TryReadAt(
        SafeFileHandle file, uint salt, long offset, long end, ulong baseId, ulong idMin, Span<byte> bytes, out RecordHeader header)
    {
        header = default;
        return offset + RecordHeader.Size <= end
            && ReadFully(file, bytes, offset) == RecordHeader.Size
            && RecordHeader.TryRead(bytes, salt, out header)
            && header.Id >= idMin

            // Ids are consecutive, so no more records can lie before this one than fit there.
            && header.Id - baseId <= (ulong)offset / RecordHeader.Size
            && offset + RecordHeader.Size + header.BodyLength <= end;
    }
}
