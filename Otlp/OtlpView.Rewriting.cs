using TelemetryPipeline.Otlp.Editing;
using TelemetryPipeline.Otlp.Indexing;
using TelemetryPipeline.Otlp.Schema;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <content>Replacing texts wherever they are in a node.</content>
public sealed partial class OtlpView
{
    [ThreadStatic]
    private static MessageRewriter? _rewriter;

    /// <summary>
    /// Offers every text and whole number of a node to a rewriter: names, messages, attributes with keys, lists and maps,
    /// and all of that in events, links, exemplars and the status; not what is in nodes below it.
    /// </summary>
    /// <param name="node">Any node's index.</param>
    /// <param name="texts">Decides about each; it must be content with what it has written itself.</param>
    /// <returns>Whether anything was replaced.</returns>
    public bool RewriteTexts(int node, ITextRewriter texts)
    {
        var rewriter = _rewriter ??= new MessageRewriter();
        var changed = RewriteFields(node, texts, rewriter);
        return (HasAttributes(node) && RewriteAttributes(node, texts, rewriter)) || changed;
    }

    private bool RewriteFields(int node, ITextRewriter texts, MessageRewriter rewriter)
    {
        var changed = false;
        var message = OtlpSchema.Of(Nodes[node].Message);
        var attributeField = NodeKinds.AttributeField(Nodes[node].Message);
        var fields = new WireReader(_chunk.Bytes, Nodes[node].BodyOffset, Nodes[node].Length);
        while (fields.Next())
        {
            if (fields.Type != WireType.LengthDelimited || fields.Field == attributeField
                || message.Find((uint)fields.Field) is not { } spec)
            {
                continue;
            }

            var edit = _overlay?.FindAt(node, fields.FieldOffset) ?? 0;
            var content = edit == 0 ? fields.Content : ContentOf(edit);
            if (rewriter.TryRewriteContent(spec, content, texts, 0, out var rewritten))
            {
                var length = fields.Position - fields.FieldOffset;
                edit = edit == 0 ? Overlay().AddFieldEdit(node, fields.FieldOffset, length, fields.Field) : edit;
                _overlay!.SetField(edit, fields.Field, rewritten);
                changed = true;
            }
        }

        return RewriteAddedName(node, texts, rewriter) || changed;
    }

    /// <summary>A name that was set where the sender had none is the one field that can be in the overlay only.</summary>
    private bool RewriteAddedName(int node, ITextRewriter texts, MessageRewriter rewriter)
    {
        var field = NameField(node);
        var edit = field < 0 ? 0 : _overlay?.FindField(node, field) ?? 0;
        if (edit == 0 || !_overlay!.Replaces(edit, ChunkOverlay.Added)
            || !rewriter.TryRewriteText(ContentOf(edit), texts, 0, out var rewritten))
        {
            return false;
        }

        _overlay.SetField(edit, field, rewritten);
        return true;
    }

    private ReadOnlySpan<byte> ContentOf(int edit) =>
        _overlay!.TryGetValue(edit, out var offset, out var length) ? _overlay.Arena(offset, length) : default;

    private bool RewriteAttributes(int node, ITextRewriter texts, MessageRewriter rewriter)
    {
        // Attributes that this adds are left alone, so that a rewriter that is never content cannot keep it going.
        var editsBefore = _overlay?.EditCount ?? 0;
        var attributeField = NodeKinds.AttributeField(Nodes[node].Message);
        var changed = false;
        var fields = new WireReader(_chunk.Bytes, Nodes[node].BodyOffset, Nodes[node].Length);
        while (fields.Next())
        {
            if (fields.Field != attributeField || fields.Type != WireType.LengthDelimited)
            {
                continue;
            }

            var pair = fields.Content;
            var edit = _overlay?.FindAt(node, fields.FieldOffset) ?? 0;
            if (edit == 0 || _overlay!.TryGetAttribute(edit, out pair))
            {
                changed |= RewriteAttribute(node, new AttributeView(pair), texts, rewriter);
            }
        }

        for (var edit = _overlay?.SkipTo(_overlay.FirstEdit(node), ChunkOverlay.Added) ?? 0; edit != 0; edit = _overlay!.NextEdit(edit))
        {
            if (edit < editsBefore && _overlay!.TryGetAttribute(edit, out var pair))
            {
                changed |= RewriteAttribute(node, new AttributeView(pair), texts, rewriter);
            }
        }

        return changed;
    }

    private bool RewriteAttribute(int node, AttributeView attribute, ITextRewriter texts, MessageRewriter rewriter)
    {
        var hasNewKey = rewriter.TryRewriteText(attribute.Key, texts, 0, out var newKey);
        var value = attribute.Value;
        var hasNewValue = rewriter.TryRewrite(MessageKind.AnyValue, value.Encoded, texts, 1, out var newValue);
        if (hasNewKey)
        {
            // Under its new key it comes last.
            SetEncoded(node, newKey, hasNewValue ? newValue : value.Encoded);
            RemoveAttribute(node, attribute.Key);
        }
        else if (hasNewValue)
        {
            SetEncoded(node, attribute.Key, newValue);
        }

        return hasNewKey || hasNewValue;
    }
}
