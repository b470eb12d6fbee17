using System.Buffers;
using System.Runtime.CompilerServices;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <summary>An attribute's value, read from its bytes. Valid as long as the batch it was read from is not changed.</summary>
public readonly ref struct AnyValueView
{
    private const int TextTag = ((int)AnyValueKind.Text << 3) | (int)WireType.LengthDelimited;
    private readonly ulong _number;
    private readonly ReadOnlySpan<byte> _content;

    /// <summary>Reads an encoded <c>AnyValue</c>; of several values the last one counts, as in protobuf.</summary>
    /// <param name="encoded">The message's bytes.</param>
    public AnyValueView(ReadOnlySpan<byte> encoded)
    {
        Encoded = encoded;

        // A short text and nothing else, as nearly every value is, or an integer.
        if (IsShortText(encoded))
        {
            Kind = AnyValueKind.Text;
            _content = encoded[2..];
            return;
        }

        if (TryInt(encoded, out var number))
        {
            Kind = AnyValueKind.Int;
            _number = (ulong)number;
            return;
        }

        var fields = new WireReader(encoded);
        while (fields.Next())
        {
            if (KindOf(fields.Field, fields.Type) is var kind && kind != AnyValueKind.Empty)
            {
                Kind = kind;
                _number = fields.Number;
                _content = fields.Type == WireType.LengthDelimited ? fields.Content : default;
            }
        }
    }

    /// <summary>The value's type.</summary>
    public AnyValueKind Kind { get; }

    /// <summary>The encoded <c>AnyValue</c> message.</summary>
    public ReadOnlySpan<byte> Encoded { get; }

    /// <summary>UTF-8 of a <see cref="AnyValueKind.Text"/>, as the sender wrote it; empty for other types.</summary>
    public ReadOnlySpan<byte> Text => Kind == AnyValueKind.Text ? _content : default;

    /// <summary>A <see cref="AnyValueKind.Bytes"/>; empty for other types.</summary>
    public ReadOnlySpan<byte> Bytes => Kind == AnyValueKind.Bytes ? _content : default;

    /// <summary>A <see cref="AnyValueKind.Bool"/>; false for other types.</summary>
    public bool Bool => Kind == AnyValueKind.Bool && _number != 0;

    /// <summary>An <see cref="AnyValueKind.Int"/>; 0 for other types.</summary>
    public long Int => Kind == AnyValueKind.Int ? (long)_number : 0;

    /// <summary>A <see cref="AnyValueKind.Double"/>; 0 for other types.</summary>
    public double Double => Kind == AnyValueKind.Double ? BitConverter.UInt64BitsToDouble(_number) : 0;

    /// <summary>The elements of an <see cref="AnyValueKind.Array"/>; none for other types.</summary>
    public AnyValueEnumerator Elements => new(Kind == AnyValueKind.Array ? _content : default);

    /// <summary>The entries of a <see cref="AnyValueKind.KeyValueList"/>; none for other types.</summary>
    public AttributeEnumerator Entries => new(Kind == AnyValueKind.KeyValueList ? _content : default, 1);

    /// <summary>Writes the value as text: numbers in decimal, bytes as base64, lists as JSON, nothing for an empty value.</summary>
    /// <param name="output">Where to, in UTF-8.</param>
    public void WriteText(IBufferWriter<byte> output) => AnyValueText.Write(this, output);

    /// <summary>Whether an encoded value is one array or one key-value list and nothing else, without reading other values.</summary>
    /// <param name="encoded">The message's bytes.</param>
    public static bool IsCollection(ReadOnlySpan<byte> encoded)
    {
        const int ArrayTag = ((int)AnyValueKind.Array << 3) | (int)WireType.LengthDelimited;
        const int ListTag = ((int)AnyValueKind.KeyValueList << 3) | (int)WireType.LengthDelimited;
        if (encoded.IsEmpty || encoded[0] is not (ArrayTag or ListTag))
        {
            return false;
        }

        var fields = new WireReader(encoded);
        return fields.Next() && fields.Position == encoded.Length;
    }

    /// <summary>Whether an encoded value is a text below 128 bytes and nothing else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsShortText(ReadOnlySpan<byte> encoded) =>
        encoded.Length >= 2 && encoded[0] == TextTag && encoded[1] < 0x80 && encoded[1] == encoded.Length - 2;

    /// <summary>Narrows a value down to the text that counts of it: itself, or the first element of a list, as headers are recorded.</summary>
    /// <param name="encoded">The encoded value.</param>
    /// <param name="offset">Where it is; then where the text's value is.</param>
    /// <param name="length">Its length; then that of the text's value.</param>
    /// <returns>False for other values, and for long ones.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryFirstText(ReadOnlySpan<byte> encoded, ref int offset, ref int length)
    {
        const int ArrayTag = ((int)AnyValueKind.Array << 3) | (int)WireType.LengthDelimited;
        const int ElementTag = (1 << 3) | (int)WireType.LengthDelimited;
        if (IsShortText(encoded))
        {
            return true;
        }

        // The list, its element, that element's text.
        const int Tags = 4;
        if (encoded.Length < Tags || encoded[0] != ArrayTag || encoded[1] != encoded.Length - 2 || encoded[1] >= 0x80
            || encoded[2] != ElementTag || encoded[3] > encoded.Length - Tags || !IsShortText(encoded.Slice(Tags, encoded[3])))
        {
            return false;
        }

        offset += Tags;
        length = encoded[3];
        return true;
    }

    /// <summary>Reads an encoded value that is an integer and nothing else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryInt(ReadOnlySpan<byte> encoded, out long number)
    {
        const int IntTag = ((int)AnyValueKind.Int << 3) | (int)WireType.Varint;
        number = 0;
        if (encoded.Length is < 2 or > 1 + WireWriter.MaxVarintBytes || encoded[0] != IntTag)
        {
            return false;
        }

        ulong value = 0;
        for (var i = 1; i < encoded.Length; i++)
        {
            value |= (ulong)(encoded[i] & 0x7F) << (7 * (i - 1));
            if (encoded[i] < 0x80)
            {
                number = (long)value;
                return i == encoded.Length - 1;
            }
        }

        return false;
    }

    private static AnyValueKind KindOf(int field, WireType type) => (field, type) switch
    {
        (1 or 5 or 6 or 7, WireType.LengthDelimited) => (AnyValueKind)field,
        (2 or 3, WireType.Varint) => (AnyValueKind)field,
        (4, WireType.Fixed64) => AnyValueKind.Double,
        _ => AnyValueKind.Empty,
    };
}
