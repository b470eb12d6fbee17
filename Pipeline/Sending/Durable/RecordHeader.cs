using System.Buffers.Binary;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Sending.Durable;

/// <summary>
/// What stands before each record of a segment, little-endian:
/// <code>
///  0 u32 salt of the segment       24 u32 items
///  4 u32 CRC-32C of bytes 8..39    28 u32 CRC-32C of metadata and payload
///  8 u64 id                        32 u8  signal
/// 16 u32 length of the metadata    33 u8  version of the layout
/// 20 u32 length of the payload     34 six bytes, zero
/// </code>
/// </summary>
/// <remarks>
/// Records begin at multiples of 8 bytes. The salt is random, differs from segment to segment and enters both
/// checksums, so neither old bytes nor telemetry made to look like a record can pass for one when the reader searches
/// for the next record behind a damaged one.
/// </remarks>
internal readonly record struct RecordHeader(
    ulong Id, int MetadataLength, int PayloadLength, int ItemCount, uint BodyCrc, Signal Signal)
{
    public const int Size = 40;
    public const int Alignment = 8;
    private const byte Version = 1;

    public long BodyLength => (long)MetadataLength + PayloadLength;

    /// <summary>Length on disk with header and padding.</summary>
    public long TotalLength => Align(Size + BodyLength);

    public QueueLoad Load => new(1, ItemCount, PayloadLength);

    public static long Align(long length) => (length + Alignment - 1) & ~(long)(Alignment - 1);

    public void Write(Span<byte> target, uint salt)
    {
        target[..Size].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(target, salt);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], Id);
        BinaryPrimitives.WriteInt32LittleEndian(target[16..], MetadataLength);
        BinaryPrimitives.WriteInt32LittleEndian(target[20..], PayloadLength);
        BinaryPrimitives.WriteInt32LittleEndian(target[24..], ItemCount);
        BinaryPrimitives.WriteUInt32LittleEndian(target[28..], BodyCrc);
        target[32] = (byte)Signal;
        target[33] = Version;
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], Checksum(target, salt));
    }

    public static bool TryRead(ReadOnlySpan<byte> source, uint salt, out RecordHeader header)
    {
        header = default;
        if (source.Length < Size
            || BinaryPrimitives.ReadUInt32LittleEndian(source) != salt
            || BinaryPrimitives.ReadUInt32LittleEndian(source[4..]) != Checksum(source, salt)
            || source[33] != Version)
        {
            return false;
        }

        header = new RecordHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[20..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[28..]),
            (Signal)source[32]);
        return header.MetadataLength >= 0 && header.PayloadLength >= 0 && header.ItemCount >= 0
            && header.BodyLength <= int.MaxValue;
    }

    public static uint StartBodyCrc(uint salt) => Crc32C.Seed ^ salt;

    private static uint Checksum(ReadOnlySpan<byte> header, uint salt) =>
        ~Crc32C.Append(StartBodyCrc(salt), header[8..Size]);
}
