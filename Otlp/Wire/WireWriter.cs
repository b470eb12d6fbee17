using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace TelemetryPipeline.Otlp.Wire;

/// <summary>Writes protobuf fields.</summary>
internal static class WireWriter
{
    public const int MaxVarintBytes = 10;

    public static uint Tag(int field, WireType type) => ((uint)field << 3) | (uint)type;

    /// <summary>Bytes that a number takes as a varint, 1 to 10.</summary>
    public static int VarintSize(ulong value) => ((BitOperations.Log2(value | 1) * 9) + 73) / 64;

    /// <summary>Bytes that a field of that many bytes takes, tag below 128 and length included.</summary>
    public static int FieldSize(int length) => 1 + VarintSize((uint)length) + length;

    /// <summary>Writes a varint at the start of a span.</summary>
    /// <returns>Bytes written.</returns>
    public static int WriteVarint(Span<byte> target, ulong value)
    {
        var at = 0;
        while (value >= 0x80)
        {
            target[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[at++] = (byte)value;
        return at;
    }

    public static void WriteVarint(IBufferWriter<byte> output, ulong value) =>
        output.Advance(WriteVarint(output.GetSpan(MaxVarintBytes), value));

    public static void WriteVarintField(IBufferWriter<byte> output, int field, ulong value)
    {
        WriteVarint(output, Tag(field, WireType.Varint));
        WriteVarint(output, value);
    }

    public static void WriteField(IBufferWriter<byte> output, int field, ReadOnlySpan<byte> content)
    {
        WriteVarint(output, Tag(field, WireType.LengthDelimited));
        WriteVarint(output, (uint)content.Length);
        output.Write(content);
    }

    public static void WriteField(IBufferWriter<byte> output, int field, string text)
    {
        WriteVarint(output, Tag(field, WireType.LengthDelimited));
        var length = Encoding.UTF8.GetByteCount(text);
        WriteVarint(output, (uint)length);
        output.Advance(Encoding.UTF8.GetBytes(text, output.GetSpan(length)));
    }

    public static void WriteFixed64(Span<byte> target, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(target, value);
}
