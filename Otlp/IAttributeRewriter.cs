using System.Buffers;

namespace TelemetryPipeline.Otlp;

/// <summary>Decides about every attribute of a node; see <see cref="OtlpView.RewriteAttributes(int, IAttributeRewriter)"/>.</summary>
public interface IAttributeRewriter
{
    /// <summary>Looks at an attribute, or at an entry of a key-value list.</summary>
    /// <param name="key">The key in UTF-8.</param>
    /// <param name="value">The value.</param>
    /// <param name="output">Where an encoded <c>AnyValue</c> goes that takes the value's place; left alone otherwise.</param>
    /// <returns>What becomes of the attribute.</returns>
    AttributeAction Decide(ReadOnlySpan<byte> key, AnyValueView value, IBufferWriter<byte> output);
}
