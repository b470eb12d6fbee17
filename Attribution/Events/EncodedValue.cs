using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Events;

/// <summary>Encodes values as <c>AnyValue</c> messages.</summary>
internal static class EncodedValue
{
    private const int Varint = 0;
    private const int LengthDelimited = 2;
    private const int VarintBytesMax = 10;

    /// <summary>A text.</summary>
    /// <param name="text">UTF-8.</param>
    public static byte[] Of(ReadOnlySpan<byte> text)
    {
        Span<byte> head = stackalloc byte[1 + VarintBytesMax];
        head[0] = ((int)AnyValueKind.Text << 3) | LengthDelimited;
        var length = 1 + Write(head[1..], (uint)text.Length);
        var encoded = new byte[length + text.Length];
        head[..length].CopyTo(encoded);
        text.CopyTo(encoded.AsSpan(length));
        return encoded;
    }

    /// <summary>An integer.</summary>
    /// <param name="number">The number.</param>
    public static byte[] Of(long number)
    {
        Span<byte> encoded = stackalloc byte[1 + VarintBytesMax];
        encoded[0] = ((int)AnyValueKind.Int << 3) | Varint;
        return encoded[..(1 + Write(encoded[1..], unchecked((ulong)number)))].ToArray();
    }

    private static int Write(Span<byte> target, ulong value)
    {
        var at = 0;
        for (; value >= 0x80; value >>= 7)
        {
            target[at++] = (byte)(value | 0x80);
        }

        target[at++] = (byte)value;
        return at;
    }
}
