using System.Buffers;

namespace TelemetryPipeline.Otlp;

/// <summary>Decides about every text and every integer of a node; see <see cref="OtlpView.RewriteTexts"/>.</summary>
public interface ITextRewriter
{
    /// <summary>Looks at a text: a key, a value, bytes, a name, a message.</summary>
    /// <param name="text">The text as received.</param>
    /// <param name="output">Where a replacement goes; left alone when the text stays.</param>
    /// <returns>Whether the text is to be replaced.</returns>
    bool TryRewrite(ReadOnlySpan<byte> text, IBufferWriter<byte> output);

    /// <summary>Looks at an integer value.</summary>
    /// <param name="number">The value.</param>
    /// <param name="output">Where the text goes that takes the number's place; left alone when the number stays.</param>
    /// <returns>Whether the number is to be replaced.</returns>
    bool TryRewrite(long number, IBufferWriter<byte> output);
}
