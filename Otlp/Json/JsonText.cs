using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace TelemetryPipeline.Otlp.Json;

/// <summary>Reads the texts of JSON that others wrote. Never throws.</summary>
/// <remarks>
/// Half of a surrogate pair and bytes that are not UTF-8 become U+FFFD, each in its own text. <see cref="Utf8JsonReader"/>'s
/// own methods throw an <see cref="InvalidOperationException"/> there, which nobody expects beside a
/// <see cref="JsonException"/>; they are banned.
/// </remarks>
public static class JsonText
{
    private const byte NoDigit = 0xFF;
    private const int UnitLength = 6;
    private const int StackBytes = 256;

    /// <summary>Bytes that the current text takes at most when it is decoded.</summary>
    /// <param name="reader">At a string or property name, over one contiguous buffer.</param>
    public static int LengthMax(in Utf8JsonReader reader)
    {
        // An escape takes at least as many bytes as its character; a damaged byte becomes three.
        Debug.Assert(!reader.HasValueSequence, "texts are read from contiguous buffers");
        return Utf8.IsValid(reader.ValueSpan) ? reader.ValueSpan.Length : 3 * reader.ValueSpan.Length;
    }

    /// <summary>Copies the current text as UTF-8, with its escapes resolved.</summary>
    /// <param name="reader">At a string or property name.</param>
    /// <param name="target">At least <see cref="LengthMax"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    public static int Copy(in Utf8JsonReader reader, Span<byte> target)
    {
        var text = reader.ValueSpan;
        if (!reader.ValueIsEscaped)
        {
            return CopyValid(text, target);
        }

        var length = 0;
        while (text.IndexOf((byte)'\\') is var escape && escape >= 0)
        {
            length += CopyValid(text[..escape], target[length..]);
            text = text[escape..];
            if (text[1] == 'u')
            {
                length += ReadEscapedRune(text, out var used).EncodeToUtf8(target[length..]);
                text = text[used..];
            }
            else
            {
                target[length++] = SimpleEscape(text[1]);
                text = text[2..];
            }
        }

        return length + CopyValid(text, target[length..]);
    }

    /// <summary>The current text.</summary>
    /// <param name="reader">At a string or property name.</param>
    public static string GetString(in Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }

        var buffer = ArrayPool<byte>.Shared.Rent(LengthMax(reader));
        var text = Encoding.UTF8.GetString(buffer, 0, Copy(reader, buffer));
        ArrayPool<byte>.Shared.Return(buffer);
        return text;
    }

    /// <summary>Whether the current text is a given one.</summary>
    /// <param name="reader">At a string or property name.</param>
    /// <param name="expected">The other text in UTF-8.</param>
    public static bool IsText(in Utf8JsonReader reader, ReadOnlySpan<byte> expected)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan.SequenceEqual(expected);
        }

        if (reader.ValueSpan.Length > UnitLength * expected.Length)
        {
            return false;
        }

        var length = LengthMax(reader);
        var buffer = length <= StackBytes ? stackalloc byte[StackBytes] : new byte[length];
        return buffer[..Copy(reader, buffer)].SequenceEqual(expected);
    }

    /// <summary>Replaces escapes that are half of a surrogate pair by that of U+FFFD, which has the same length.</summary>
    /// <param name="json">JSON, or what claims to be.</param>
    internal static void RepairEscapes(Span<byte> json)
    {
        while (json.IndexOf((byte)'\\') is var escape && escape >= 0)
        {
            json = json[escape..];
            if (json.Length < UnitLength || json[1] != 'u')
            {
                json = json[Math.Min(2, json.Length)..];
                continue;
            }

            if (ReadEscapedRune(json, out var used) == Rune.ReplacementChar && UnitAt(json) >= 0)
            {
                "\\uFFFD"u8.CopyTo(json);
            }

            json = json[used..];
        }
    }

    /// <summary>Decodes hexadecimal digits of either case in place, into the first half.</summary>
    internal static bool TryDecodeHex(Span<byte> text)
    {
        for (var i = 0; i + 1 < text.Length; i += 2)
        {
            var high = Digit(text[i]);
            var low = Digit(text[i + 1]);
            if (high == NoDigit || low == NoDigit)
            {
                return false;
            }

            text[i / 2] = (byte)((high << 4) | low);
        }

        return text.Length % 2 == 0;
    }

    /// <summary>Decodes base64 in place: either alphabet, with padding or without, as proto3 JSON allows.</summary>
    internal static bool TryDecodeBase64(Span<byte> text, out int length)
    {
        foreach (ref var c in text)
        {
            c = c switch
            {
                (byte)'+' => (byte)'-',
                (byte)'/' => (byte)'_',
                _ => c,
            };
        }

        var digits = text.TrimEnd((byte)'=');
        try
        {
            length = Base64Url.DecodeFromUtf8InPlace(digits);
            return true;
        }
        catch (FormatException)
        {
            length = 0;
            return false;
        }
    }

    private static int CopyValid(ReadOnlySpan<byte> text, Span<byte> target)
    {
        if (Utf8.IsValid(text))
        {
            text.CopyTo(target);
            return text.Length;
        }

        var length = 0;
        while (!text.IsEmpty)
        {
            // What cannot be decoded gives U+FFFD.
            Rune.DecodeFromUtf8(text, out var rune, out var used);
            length += rune.EncodeToUtf8(target[length..]);
            text = text[used..];
        }

        return length;
    }

    /// <summary>The character of one escape, or of two where they are a surrogate pair; U+FFFD where there is none.</summary>
    private static Rune ReadEscapedRune(ReadOnlySpan<byte> text, out int used)
    {
        used = UnitLength;
        var unit = UnitAt(text);
        if (unit < 0)
        {
            return Rune.ReplacementChar;
        }

        if (Rune.TryCreate((char)unit, out var rune))
        {
            return rune;
        }

        var second = text[UnitLength..].StartsWith("\\u"u8) ? UnitAt(text[UnitLength..]) : -1;
        if (second >= 0 && Rune.TryCreate((char)unit, (char)second, out rune))
        {
            used = 2 * UnitLength;
            return rune;
        }

        return Rune.ReplacementChar;
    }

    private static int UnitAt(ReadOnlySpan<byte> escape)
    {
        if (escape.Length < UnitLength)
        {
            return -1;
        }

        var unit = 0;
        foreach (var c in escape[2..UnitLength])
        {
            var digit = Digit(c);
            if (digit == NoDigit)
            {
                return -1;
            }

            unit = (unit << 4) | digit;
        }

        return unit;
    }

    private static byte SimpleEscape(byte c) => c switch
    {
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        _ => c,
    };

    private static byte Digit(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => (byte)(c - '0'),
        >= (byte)'a' and <= (byte)'f' => (byte)(c - 'a' + 10),
        >= (byte)'A' and <= (byte)'F' => (byte)(c - 'A' + 10),
        _ => NoDigit,
    };
}
