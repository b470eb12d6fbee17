using System.Buffers;

namespace TelemetryPipeline.Processors.FieldEncryption.Format;

/// <summary>Writes an encoded <c>AnyValue</c> that is a text.</summary>
internal static class TextValue
{
    private const byte TextTag = (1 << 3) | 2;
    private const int HeaderBytesMax = 6;

    /// <summary>Begins a value.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="length">The text's length in bytes.</param>
    /// <returns>Where the text goes; then comes <see cref="End"/>.</returns>
    public static Span<byte> Begin(IBufferWriter<byte> output, int length)
    {
        var header = output.GetSpan(HeaderBytesMax + length);
        header[0] = TextTag;
        var at = 1;
        for (var left = (uint)length; ; left >>= 7)
        {
            header[at++] = (byte)(left < 0x80 ? left : left | 0x80);
            if (left < 0x80)
            {
                break;
            }
        }

        output.Advance(at);
        return header.Slice(at, length);
    }

    /// <summary>Ends the value.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="length">The text's length, as <see cref="Begin"/> was told.</param>
    public static void End(IBufferWriter<byte> output, int length) => output.Advance(length);

    /// <summary>Writes a whole value.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="text">The text in UTF-8.</param>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        text.CopyTo(Begin(output, text.Length));
        End(output, text.Length);
    }
}
