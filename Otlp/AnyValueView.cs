using System.Buffers;
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

        // A short text and nothing else, as nearly every value is.
        if (encoded.Length >= 2 && encoded[0] == TextTag && encoded[1] < 0x80 && encoded[1] == encoded.Length - 2)
        {
            Kind = AnyValueKind.Text;
            _content = encoded[2..];
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

    private static AnyValueKind KindOf(int field, WireType type) => (field, type) switch
    {
        (1 or 5 or 6 or 7, WireType.LengthDelimited) => (AnyValueKind)field,
        (2 or 3, WireType.Varint) => (AnyValueKind)field,
        (4, WireType.Fixed64) => AnyValueKind.Double,
        _ => AnyValueKind.Empty,
    };
}
