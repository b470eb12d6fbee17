using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using TelemetryPipeline.Pipeline.Files;

namespace TelemetryPipeline.Pipeline.Sending.Durable;

/// <summary>
/// Which records of a segment are delivered, in memory and in a file beside the segment: an entry of 8 bytes a record,
/// its index and the CRC-32C of the index, seeded with the segment's salt. An entry that is lost or damaged means that
/// the record is sent once more, never that one is forgotten.
/// </summary>
/// <remarks>Guarded by the log's lock. Entries are written at once but not flushed: a killed process loses none.</remarks>
internal sealed class AckBook(string path, uint salt) : IDisposable
{
    private const int EntrySize = 8;

    private ulong[] _bits = [];
    private SafeFileHandle? _file;
    private long _length;

    /// <summary>Reads the file of an earlier run.</summary>
    /// <param name="indexMax">Entries above it cannot be right and are ignored.</param>
    public void Load(long indexMax)
    {
        if (!File.Exists(path))
        {
            return;
        }

        var bytes = File.ReadAllBytes(path);
        _length = RecordHeader.Align(bytes.Length);
        for (var rest = bytes.AsSpan(); rest.Length >= EntrySize; rest = rest[EntrySize..])
        {
            var index = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            if (BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]) == Checksum(index) && index <= indexMax)
            {
                Mark(index);
            }
        }
    }

    public bool IsAcked(ulong index)
    {
        var word = index / 64;
        return word < (ulong)_bits.Length && (_bits[word] >> (int)(index % 64) & 1) != 0;
    }

    /// <summary>Takes note of a delivery.</summary>
    /// <exception cref="IOException">The note is in memory only; after a restart the record is sent once more.</exception>
    public void Ack(ulong index)
    {
        Mark(index);
        _file ??= PrivateFile.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write);
        Span<byte> entry = stackalloc byte[EntrySize];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)index);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], Checksum((uint)index));
        RandomAccess.Write(_file, entry, _length);
        _length += EntrySize;
    }

    public void Delete()
    {
        Dispose();
        File.Delete(path);
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private void Mark(ulong index)
    {
        var word = (int)(index / 64);
        if (word >= _bits.Length)
        {
            Array.Resize(ref _bits, Math.Max(word + 1, _bits.Length * 2));
        }

        _bits[word] |= 1UL << (int)(index % 64);
    }

    private uint Checksum(uint index)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, index);
        return ~Crc32C.Append(RecordHeader.StartBodyCrc(salt), bytes);
    }
}
