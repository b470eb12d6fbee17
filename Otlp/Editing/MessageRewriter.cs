using System.Buffers;
using TelemetryPipeline.Otlp.Indexing;
using TelemetryPipeline.Otlp.Schema;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Editing;

/// <summary>
/// Copies a message with some of its texts replaced, at any depth: which fields are texts, and which hold messages, is
/// the schema's knowledge. Fields the schema does not know are copied. Not thread-safe.
/// </summary>
internal sealed class MessageRewriter
{
    private const int KeyField = 1;
    private const int ValueField = 2;

    private readonly DepthBuffers _buffers = new();

    /// <summary>Rewrites a message.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="message">Its bytes.</param>
    /// <param name="texts">Decides about each text.</param>
    /// <param name="depth">How deep the message is; 0 for the first.</param>
    /// <param name="rewritten">The new bytes, valid until the next call.</param>
    /// <returns>False when all stays as it is.</returns>
    public bool TryRewrite(
        MessageKind kind, ReadOnlySpan<byte> message, ITextRewriter texts, int depth, out ReadOnlySpan<byte> rewritten)
    {
        if (kind == MessageKind.KeyValue && TryRewriteAttribute(message, texts, depth, out rewritten))
        {
            return true;
        }

        var output = _buffers.At(depth);
        var spec = OtlpSchema.Of(kind);
        var copied = 0;
        var fields = new WireReader(message);
        while (fields.Next())
        {
            if (TryRewriteField(spec, ref fields, texts, depth + 1, out var field, out var content))
            {
                output.Write(message[copied..fields.FieldOffset]);
                WireWriter.WriteField(output, field, content);
                copied = fields.Position;
                _buffers.Shrink(depth + 1);
            }
        }

        if (copied == 0)
        {
            rewritten = default;
            return false;
        }

        output.Write(message[copied..]);
        rewritten = output.WrittenSpan;
        return true;
    }

    /// <summary>Rewrites a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="texts">Decides about it.</param>
    /// <param name="depth">How deep it is.</param>
    /// <param name="rewritten">The new text, valid until the next call.</param>
    /// <returns>False when it stays as it is.</returns>
    public bool TryRewriteText(ReadOnlySpan<byte> text, ITextRewriter texts, int depth, out ReadOnlySpan<byte> rewritten)
    {
        var output = _buffers.At(depth);
        var changed = texts.TryRewrite(text, output);
        rewritten = output.WrittenSpan;
        return changed;
    }

    /// <summary>Rewrites the content of a field that is a text or a message, but not one that is a node of its own.</summary>
    public bool TryRewriteContent(
        FieldSpec spec, ReadOnlySpan<byte> content, ITextRewriter texts, int depth, out ReadOnlySpan<byte> rewritten)
    {
        switch (spec.Kind)
        {
            case FieldKind.Text or FieldKind.Bytes:
                return TryRewriteText(content, texts, depth, out rewritten);
            case FieldKind.Message when NodeKinds.Of(spec.Message) == OtlpNodeKind.None:
                return TryRewrite(spec.Message, content, texts, depth, out rewritten);
            default:
                rewritten = default;
                return false;
        }
    }

    private bool TryRewriteAttribute(ReadOnlySpan<byte> pair, ITextRewriter texts, int depth, out ReadOnlySpan<byte> rewritten)
    {
        var attribute = new AttributeView(pair);
        var text = _buffers.At(depth + 2);
        rewritten = default;
        if (!texts.TryRewriteAttribute(attribute.Key, attribute.Value, text))
        {
            return false;
        }

        var value = _buffers.At(depth + 1);
        WireWriter.WriteField(value, (int)AnyValueKind.Text, text.WrittenSpan);
        var output = _buffers.At(depth);
        WireWriter.WriteField(output, KeyField, attribute.Key);
        WireWriter.WriteField(output, ValueField, value.WrittenSpan);
        _buffers.Shrink(depth + 1);
        _buffers.Shrink(depth + 2);
        rewritten = output.WrittenSpan;
        return true;
    }

    private bool TryRewriteField(
        MessageSpec message, ref WireReader fields, ITextRewriter texts, int depth, out int field, out ReadOnlySpan<byte> content)
    {
        field = fields.Field;
        content = default;
        if (message.Find((uint)fields.Field) is not { } spec || fields.Type != spec.ElementWireType)
        {
            return false;
        }

        if (message.Kind == MessageKind.AnyValue && TryWhole(field, fields.Number, out var number))
        {
            var output = _buffers.At(depth);
            field = (int)AnyValueKind.Text;
            var changed = texts.TryRewrite(number, output);
            content = output.WrittenSpan;
            return changed;
        }

        return fields.Type == WireType.LengthDelimited && TryRewriteContent(spec, fields.Content, texts, depth, out content);
    }

    // JavaScript and JSON without a schema make doubles of all numbers.
    private static bool TryWhole(int field, ulong bits, out long number)
    {
        number = (long)bits;
        if (field != (int)AnyValueKind.Double)
        {
            return field == (int)AnyValueKind.Int;
        }

        var value = BitConverter.UInt64BitsToDouble(bits);
        number = value is > long.MinValue and < long.MaxValue ? (long)value : 0;
        return value is > long.MinValue and < long.MaxValue && number == value;
    }
}
