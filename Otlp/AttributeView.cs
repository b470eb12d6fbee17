using System.Runtime.CompilerServices;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <summary>A key and its value, read from their bytes. Valid as long as the batch it was read from is not changed.</summary>
public readonly ref struct AttributeView
{
    internal AttributeView(ReadOnlySpan<byte> encoded)
    {
        if (IsKeyThenShortValue(encoded))
        {
            Key = encoded.Slice(2, encoded[1]);
            EncodedValue = encoded[(encoded[1] + 4)..];
            return;
        }

        var fields = new WireReader(encoded);
        while (fields.Next())
        {
            switch (fields.Field, fields.Type)
            {
                case (1, WireType.LengthDelimited):
                    Key = fields.Content;
                    break;
                case (2, WireType.LengthDelimited):
                    EncodedValue = fields.Content;
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>The key in UTF-8.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The value; empty where the sender left it out.</summary>
    public AnyValueView Value => new(EncodedValue);

    /// <summary>The encoded <c>AnyValue</c>; empty if missing.</summary>
    public ReadOnlySpan<byte> EncodedValue { get; }

    /// <summary>Key and place of the value of an encoded <c>KeyValue</c>, as <see cref="KeyOf"/> and <see cref="ValueRange"/> find them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Split(ReadOnlySpan<byte> encoded, out ReadOnlySpan<byte> key, out int valueOffset, out int valueLength)
    {
        if (IsKeyThenShortValue(encoded))
        {
            key = encoded.Slice(2, encoded[1]);
            valueOffset = encoded[1] + 4;
            valueLength = encoded.Length - valueOffset;
            return;
        }

        key = KeyOf(encoded);
        ValueRange(encoded, out valueOffset, out valueLength);
    }

    // As encoders write it: the key, the value, each below 128 bytes, nothing else.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsKeyThenShortValue(ReadOnlySpan<byte> encoded)
    {
        const int KeyTag = (1 << 3) | (int)WireType.LengthDelimited;
        const int ValueTag = (2 << 3) | (int)WireType.LengthDelimited;
        return encoded.Length >= 4 && encoded[0] == KeyTag && encoded[1] is var length and < 0x80 && length + 4 <= encoded.Length
            && encoded[length + 2] == ValueTag && encoded[length + 3] < 0x80 && encoded[length + 3] == encoded.Length - length - 4;
    }

    /// <summary>The key of an encoded <c>KeyValue</c>.</summary>
    internal static ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> encoded)
    {
        const int KeyTag = (1 << 3) | (int)WireType.LengthDelimited;
        return encoded.Length >= 2 && encoded[0] == KeyTag && encoded[1] < 0x80 && encoded[1] + 2 <= encoded.Length
            && (encoded[1] + 2 == encoded.Length || encoded[encoded[1] + 2] != KeyTag)
            ? encoded.Slice(2, encoded[1])
            : new AttributeView(encoded).Key;
    }

    /// <summary>Where in an encoded <c>KeyValue</c> its value is: the last one, or nothing at the end where it is missing.</summary>
    internal static void ValueRange(ReadOnlySpan<byte> encoded, out int offset, out int length)
    {
        offset = encoded.Length;
        length = 0;
        var fields = new WireReader(encoded);
        while (fields.Next())
        {
            if (fields is { Field: 2, Type: WireType.LengthDelimited })
            {
                offset = fields.ValueOffset;
                length = fields.ValueLength;
            }
        }
    }
}
