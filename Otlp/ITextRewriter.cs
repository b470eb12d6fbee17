using System.Buffers;

namespace TelemetryPipeline.Otlp;

/// <summary>Decides about every text and every whole number of a node; see <see cref="OtlpView.RewriteTexts"/>.</summary>
public interface ITextRewriter
{
    /// <summary>Looks at a text: a key, a value, bytes, a name, a message.</summary>
    /// <param name="text">The text as received.</param>
    /// <param name="output">Where a replacement goes; left alone when the text stays.</param>
    /// <returns>Whether the text is to be replaced.</returns>
    bool TryRewrite(ReadOnlySpan<byte> text, IBufferWriter<byte> output);

    /// <summary>Looks at an integer value, or at a double that is a whole number.</summary>
    /// <param name="number">The value.</param>
    /// <param name="output">Where the text goes that takes the number's place; left alone when the number stays.</param>
    /// <returns>Whether the number is to be replaced.</returns>
    bool TryRewrite(long number, IBufferWriter<byte> output);

    /// <summary>
    /// Looks at an attribute of an event, link or exemplar, or at an entry of a map, as a whole; where it stays, its texts
    /// are looked at one by one.
    /// </summary>
    /// <param name="key">The key in UTF-8.</param>
    /// <param name="value">The value.</param>
    /// <param name="output">Where the text goes that takes the value's place; left alone when the value stays.</param>
    /// <returns>Whether the value is to be replaced.</returns>
    bool TryRewriteAttribute(ReadOnlySpan<byte> key, AnyValueView value, IBufferWriter<byte> output) => false;
}
