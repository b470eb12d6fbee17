using System.Buffers.Text;
using System.Text.Json;

namespace TelemetryPipeline.Otlp.Json;

/// <summary>Decodes the texts of JSON.</summary>
internal static class JsonText
{
    private const byte NoDigit = 0xFF;

    /// <summary>Copies the current string, with its escapes resolved.</summary>
    /// <returns>Bytes written; -1 when an escape is no Unicode (half a surrogate pair).</returns>
    public static int Copy(in Utf8JsonReader reader, Span<byte> target)
    {
        if (!reader.ValueIsEscaped)
        {
            reader.ValueSpan.CopyTo(target);
            return reader.ValueSpan.Length;
        }

        try
        {
            return reader.CopyString(target);
        }
        catch (InvalidOperationException)
        {
            return -1;
        }
    }

    /// <summary>Decodes hexadecimal digits of either case in place, into the first half.</summary>
    public static bool TryDecodeHex(Span<byte> text)
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
    public static bool TryDecodeBase64(Span<byte> text, out int length)
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

    private static byte Digit(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => (byte)(c - '0'),
        >= (byte)'a' and <= (byte)'f' => (byte)(c - 'a' + 10),
        >= (byte)'A' and <= (byte)'F' => (byte)(c - 'A' + 10),
        _ => NoDigit,
    };
}
