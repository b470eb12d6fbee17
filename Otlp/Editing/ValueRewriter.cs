using System.Buffers;
using TelemetryPipeline.Otlp.Indexing;
using TelemetryPipeline.Otlp.Schema;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Editing;

/// <summary>
/// Copies a message with some of its attributes replaced or left out, at any depth: which fields hold attributes is the
/// schema's knowledge. Not thread-safe.
/// </summary>
internal sealed class ValueRewriter
{
    private readonly DepthBuffers _buffers = new();

    /// <summary>Whether a field may hold attributes of the node that it is in, rather than be a text or a node of its own.</summary>
    public static bool MayHoldAttributes(FieldSpec field) => field.Kind == FieldKind.Message
        && NodeKinds.Of(field.Message) == OtlpNodeKind.None
        && field.Message is not (MessageKind.SpanStatus or MessageKind.EntityRef or MessageKind.Buckets or MessageKind.ValueAtQuantile);

    /// <summary>Decides about a value and, where it stays, about what is in it.</summary>
    /// <param name="key">The key it is under.</param>
    /// <param name="value">The value.</param>
    /// <param name="attributes">Decides.</param>
    /// <param name="depth">How deep it is; 0 for the first.</param>
    /// <param name="rewritten">The new value, valid until the next call.</param>
    public AttributeAction Rewrite(
        ReadOnlySpan<byte> key, AnyValueView value, IAttributeRewriter attributes, int depth, out ReadOnlySpan<byte> rewritten)
    {
        var output = _buffers.At(depth);
        var verdict = attributes.Decide(key, value, output);
        rewritten = output.WrittenSpan;
        return verdict == AttributeAction.Keep && value.Kind is (AnyValueKind.Array or AnyValueKind.KeyValueList)
            && TryRewrite(MessageKind.AnyValue, value.Encoded, attributes, depth, out rewritten)
            ? AttributeAction.Replace
            : verdict;
    }

    /// <summary>Decides about every attribute in a message.</summary>
    /// <param name="kind">What the message is.</param>
    /// <param name="message">Its bytes.</param>
    /// <param name="attributes">Decides.</param>
    /// <param name="depth">How deep the message is; 0 for the first.</param>
    /// <param name="rewritten">The new bytes, valid until the next call.</param>
    /// <returns>False when all stays as it is.</returns>
    public bool TryRewrite(
        MessageKind kind, ReadOnlySpan<byte> message, IAttributeRewriter attributes, int depth, out ReadOnlySpan<byte> rewritten)
    {
        var output = _buffers.At(depth);
        var spec = OtlpSchema.Of(kind);
        var copied = 0;
        var fields = new WireReader(message);
        while (fields.Next())
        {
            if (fields.Type != WireType.LengthDelimited || spec.Find((uint)fields.Field) is not { } field || !MayHoldAttributes(field))
            {
                continue;
            }

            var verdict = RewriteField(field, fields.Content, attributes, depth + 1, out var content);
            if (verdict == AttributeAction.Keep)
            {
                continue;
            }

            output.Write(message[copied..fields.FieldOffset]);
            copied = fields.Position;
            if (verdict == AttributeAction.Replace)
            {
                WireWriter.WriteField(output, fields.Field, content);
            }

            _buffers.Shrink(depth + 1);
        }

        if (copied > 0)
        {
            output.Write(message[copied..]);
        }

        rewritten = output.WrittenSpan;
        return copied > 0;
    }

    /// <summary>Decides about a field that may hold attributes.</summary>
    /// <param name="field">The field.</param>
    /// <param name="content">Its content.</param>
    /// <param name="attributes">Decides.</param>
    /// <param name="depth">How deep it is.</param>
    /// <param name="rewritten">The new content, valid until the next call.</param>
    public AttributeAction RewriteField(
        FieldSpec field, ReadOnlySpan<byte> content, IAttributeRewriter attributes, int depth, out ReadOnlySpan<byte> rewritten)
    {
        if (field.Message != MessageKind.KeyValue)
        {
            return TryRewrite(field.Message, content, attributes, depth, out rewritten) ? AttributeAction.Replace : AttributeAction.Keep;
        }

        var pair = new AttributeView(content);
        var verdict = Rewrite(pair.Key, pair.Value, attributes, depth + 1, out var value);
        rewritten = default;
        if (verdict == AttributeAction.Replace)
        {
            var output = _buffers.At(depth);
            WireWriter.WriteField(output, 1, pair.Key);
            WireWriter.WriteField(output, 2, value);
            rewritten = output.WrittenSpan;
            _buffers.Shrink(depth + 1);
        }

        return verdict;
    }
}
