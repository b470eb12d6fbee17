using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace TelemetryPipeline.Heatmap.Snapshots;

/// <summary>Writes the parts of a snapshot, and the checksum of all of them at the end.</summary>
internal sealed class SnapshotStream(Stream output)
{
    private const int BufferSizeBytes = 64 * 1024;
    private const int VarintSizeBytesMax = 10;

    private readonly XxHash3 _hash = new();
    private readonly byte[] _buffer = new byte[BufferSizeBytes];
    private int _used;

    public void Number(ulong value)
    {
        Room(VarintSizeBytesMax);
        for (; value >= 0x80; value >>= 7)
        {
            _buffer[_used++] = (byte)(value | 0x80);
        }

        _buffer[_used++] = (byte)value;
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Number((ulong)bytes.Length);
        Raw(bytes);
    }

    public void Text(string text) => Bytes(Encoding.UTF8.GetBytes(text));

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Room(1);
            var part = bytes[..Math.Min(bytes.Length, _buffer.Length - _used)];
            part.CopyTo(_buffer.AsSpan(_used));
            _used += part.Length;
            bytes = bytes[part.Length..];
        }
    }

    /// <summary>Writes the checksum; nothing may follow.</summary>
    public void End()
    {
        Flush();
        Span<byte> hash = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(hash, _hash.GetCurrentHashAsUInt64());
        output.Write(hash);
    }

    private void Room(int size)
    {
        if (_buffer.Length - _used < size)
        {
            Flush();
        }
    }

    private void Flush()
    {
        _hash.Append(_buffer.AsSpan(0, _used));
        output.Write(_buffer, 0, _used);
        _used = 0;
    }
}
