using System.Buffers;
using TelemetryPipeline.Processors.FieldEncryption.Format;

namespace TelemetryPipeline.Processors.FieldEncryption;

/// <summary>Replaces all but the first and last characters of a text by asterisks.</summary>
internal static class MaskedText
{
    private const byte Mask = (byte)'*';

    /// <summary>Writes a text masked, as a value.</summary>
    /// <param name="text">The text in UTF-8.</param>
    /// <param name="keepFirst">Characters at the front that stay.</param>
    /// <param name="keepLast">Characters at the end that stay. A text no longer than both together is masked whole.</param>
    /// <param name="output">Where to.</param>
    public static void Write(ReadOnlySpan<byte> text, int keepFirst, int keepLast, IBufferWriter<byte> output)
    {
        var count = 0;
        foreach (var unit in text)
        {
            count += IsFirst(unit) ? 1 : 0;
        }

        if (count <= keepFirst + keepLast)
        {
            keepFirst = 0;
            keepLast = 0;
        }

        var front = OffsetOf(text, keepFirst);
        var back = OffsetOf(text, count - keepLast);
        var masked = count - keepFirst - keepLast;
        var length = front + masked + text.Length - back;
        var target = TextValue.Begin(output, length);
        text[..front].CopyTo(target);
        target.Slice(front, masked).Fill(Mask);
        text[back..].CopyTo(target[(front + masked)..]);
        TextValue.End(output, length);
    }

    private static bool IsFirst(byte unit) => (unit & 0xC0) != 0x80;

    /// <summary>Where the character of a number begins; the end of the text where there are not so many.</summary>
    private static int OffsetOf(ReadOnlySpan<byte> text, int number)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (IsFirst(text[i]) && number-- == 0)
            {
                return i;
            }
        }

        return text.Length;
    }
}
