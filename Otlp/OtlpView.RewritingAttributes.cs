using TelemetryPipeline.Otlp.Editing;
using TelemetryPipeline.Otlp.Indexing;
using TelemetryPipeline.Otlp.Schema;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <content>Replacing attributes wherever they are in a node.</content>
public sealed partial class OtlpView
{
    private const int BodyField = 5;

    [ThreadStatic]
    private static ValueRewriter? _valueRewriter;

    /// <summary>The key under which the body of a log record is offered to an <see cref="IAttributeRewriter"/>.</summary>
    public static ReadOnlySpan<byte> BodyKey => "body"u8;

    /// <summary>
    /// Offers every attribute of a node to a rewriter: its own, those of events, links and exemplars, a metric's
    /// metadata, a log record's body (under <see cref="BodyKey"/>), and the entries of lists at any depth; not what is in
    /// nodes below it.
    /// </summary>
    /// <param name="node">The index of any node that has not been changed through this view.</param>
    /// <param name="attributes">Decides about each.</param>
    /// <returns>Whether anything was changed.</returns>
    /// <exception cref="InvalidOperationException">The node was changed; ask the batch for its bytes first.</exception>
    public bool RewriteAttributes(int node, IAttributeRewriter attributes)
    {
        if (_overlay is not null && _overlay.FirstEdit(node) != 0)
        {
            throw new InvalidOperationException("attributes are rewritten before other changes to a node, or after those are applied");
        }

        var rewriter = _valueRewriter ??= new ValueRewriter();
        var message = OtlpSchema.Of(Nodes[node].Message);
        var attributeField = NodeKinds.AttributeField(Nodes[node].Message);
        var changed = false;
        var fields = new WireReader(_chunk.Bytes, Nodes[node].BodyOffset, Nodes[node].Length);
        while (fields.Next())
        {
            if (fields.Type != WireType.LengthDelimited)
            {
                continue;
            }

            if (fields.Field == attributeField)
            {
                changed |= RewriteOwn(node, ref fields, attributes, rewriter);
            }
            else if (message.Find((uint)fields.Field) is { } field && ValueRewriter.MayHoldAttributes(field))
            {
                changed |= RewriteInner(node, field, ref fields, attributes, rewriter);
            }
        }

        return changed;
    }

    // Each occurrence of a key is dealt with by itself: what a reader takes for the value is the reader's choice.
    private bool RewriteOwn(int node, ref WireReader fields, IAttributeRewriter attributes, ValueRewriter rewriter)
    {
        var pair = new AttributeView(fields.Content);
        var verdict = rewriter.Rewrite(pair.Key, pair.Value, attributes, 0, out var value);
        if (verdict == AttributeAction.Keep)
        {
            return false;
        }

        var edit = Overlay().AddEdit(node, fields.FieldOffset, fields.Position - fields.FieldOffset, pair.Key);
        if (verdict == AttributeAction.Remove)
        {
            _overlay!.Clear(edit);
            _slotEdits?.Remove(node, pair.Key);
            return true;
        }

        _overlay!.SetAttribute(edit, fields.Field, default, value);
        if (_slotEdits is not null && _overlay.Find(node, pair.Key) == edit)
        {
            _slotEdits.Set(node, pair.Key, edit);
        }

        return true;
    }

    private bool RewriteInner(
        int node, FieldSpec field, ref WireReader fields, IAttributeRewriter attributes, ValueRewriter rewriter)
    {
        var isBody = Nodes[node].Message == MessageKind.LogRecord && fields.Field == BodyField;
        var verdict = isBody
            ? rewriter.Rewrite(BodyKey, new AnyValueView(fields.Content), attributes, 0, out var content)
            : rewriter.RewriteField(field, fields.Content, attributes, 0, out content);
        if (verdict == AttributeAction.Keep)
        {
            return false;
        }

        var edit = Overlay().AddFieldEdit(node, fields.FieldOffset, fields.Position - fields.FieldOffset, fields.Field);
        if (verdict == AttributeAction.Replace)
        {
            _overlay!.SetField(edit, fields.Field, content);
        }
        else
        {
            _overlay!.Clear(edit);
        }

        return true;
    }
}
