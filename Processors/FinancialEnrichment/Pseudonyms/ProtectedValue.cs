using System.Buffers.Text;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

/// <summary>The text of an attribute that is to be replaced as a whole.</summary>
internal static class ProtectedValue
{
    /// <summary>Room for the digits of a number.</summary>
    public const int NumberBytesMax = 32;

    /// <summary>The text of a value; of a list, as headers are recorded, the first element counts.</summary>
    /// <param name="value">The value.</param>
    /// <param name="number">Where the digits of a number go, <see cref="NumberBytesMax"/> bytes.</param>
    public static ReadOnlySpan<byte> TextOf(AnyValueView value, Span<byte> number)
    {
        foreach (var element in value.Elements)
        {
            value = element;
            break;
        }

        var length = 0;
        switch (value.Kind)
        {
            case AnyValueKind.Int:
                Utf8Formatter.TryFormat(value.Int, number, out length);
                return number[..length];
            case AnyValueKind.Double:
                Utf8Formatter.TryFormat(value.Double, number, out length);
                return number[..length];
            case AnyValueKind.Bytes:
                return value.Bytes;
            default:
                return value.Text;
        }
    }

    /// <summary>Whether a text was not replaced before.</summary>
    /// <param name="text">The text.</param>
    public static bool IsClear(ReadOnlySpan<byte> text) =>
        !text.IsEmpty && !Pseudonymizer.IsPseudonym(text) && !text.SequenceEqual("[REDACTED]"u8);
}
