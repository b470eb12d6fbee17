using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace TelemetryPipeline.Otlp.Json;

/// <summary>Reads numbers of proto3 JSON: as numbers or as strings, integers exactly.</summary>
internal static class JsonNumber
{
    private const int MaxLength = 64;
    private const int EscapedMaxLength = 6 * MaxLength;

    public static bool TryInt64(in Utf8JsonReader reader, out long value)
    {
        Span<byte> buffer = stackalloc byte[MaxLength];
        value = 0;
        if (!TryText(reader, buffer, out var text))
        {
            return false;
        }

        if (Utf8Parser.TryParse(text, out value, out var used) && used == text.Length)
        {
            return true;
        }

        return TryWhole(text, out var whole) && whole is >= long.MinValue and <= long.MaxValue
            && (value = (long)whole) == whole;
    }

    public static bool TryUInt64(in Utf8JsonReader reader, out ulong value)
    {
        Span<byte> buffer = stackalloc byte[MaxLength];
        value = 0;
        if (!TryText(reader, buffer, out var text))
        {
            return false;
        }

        if (Utf8Parser.TryParse(text, out value, out var used) && used == text.Length)
        {
            return true;
        }

        return TryWhole(text, out var whole) && whole is >= ulong.MinValue and <= ulong.MaxValue
            && (value = (ulong)whole) == whole;
    }

    public static bool TryDouble(in Utf8JsonReader reader, out double value)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.TryGetDouble(out value) && double.IsFinite(value);
        }

        Span<byte> buffer = stackalloc byte[MaxLength];
        value = 0;
        if (!TryText(reader, buffer, out var text))
        {
            return false;
        }

        if (text.SequenceEqual("NaN"u8))
        {
            value = double.NaN;
            return true;
        }

        if (text.SequenceEqual("Infinity"u8) || text.SequenceEqual("-Infinity"u8))
        {
            value = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }

    /// <summary>An enumeration's number, known or not, or one of its names.</summary>
    public static bool TryEnum(in Utf8JsonReader reader, string[] names, out int value)
    {
        value = 0;
        Span<byte> buffer = stackalloc byte[MaxLength];
        if (reader.TokenType == JsonTokenType.String && TryText(reader, buffer, out var text))
        {
            for (var i = 0; i < names.Length; i++)
            {
                if (Ascii.Equals(text, names[i]))
                {
                    value = i;
                    return true;
                }
            }
        }

        var whole = TryInt64(reader, out var number) && number is >= int.MinValue and <= int.MaxValue;
        value = (int)number;
        return whole;
    }

    /// <summary>An integer in a roundabout form, such as 1e3 or 5.0, which JSON encoders may choose.</summary>
    private static bool TryWhole(ReadOnlySpan<byte> text, out decimal value) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
        && decimal.Truncate(value) == value;

    private static bool TryText(in Utf8JsonReader reader, Span<byte> buffer, out ReadOnlySpan<byte> text)
    {
        var raw = reader.TokenType is JsonTokenType.Number or JsonTokenType.String ? reader.ValueSpan : default;
        var length = 0;
        if (reader.ValueIsEscaped)
        {
            length = CopyEscaped(reader, buffer);
        }
        else if (raw.Length <= buffer.Length)
        {
            raw.CopyTo(buffer);
            length = raw.Length;
        }

        text = buffer[..length];
        return length > 0;
    }

    // In a method of its own: what it takes from the stack, numbers without escapes need not clear.
    private static int CopyEscaped(in Utf8JsonReader reader, Span<byte> target)
    {
        Span<byte> text = stackalloc byte[EscapedMaxLength];
        if (JsonText.LengthMax(reader) > text.Length || JsonText.Copy(reader, text) is var length && length > target.Length)
        {
            return 0;
        }

        text[..length].CopyTo(target);
        return length;
    }
}
