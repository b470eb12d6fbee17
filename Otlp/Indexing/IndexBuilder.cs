using TelemetryPipeline.Otlp.Schema;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Indexing;

/// <summary>Finds the nodes of a chunk by walking over envelopes, without looking into items.</summary>
internal ref struct IndexBuilder
{
    private readonly ReadOnlySpan<byte> _data;
    private Rows<OtlpNode> _rentedNodes;
    private Rows<int> _rentedItems;
    private Span<OtlpNode> _nodes;
    private Span<int> _itemNodes;
    private int _count;
    private int _items;
    private bool _hasRepeatedContent;

    private IndexBuilder(ReadOnlySpan<byte> data, int itemCount)
    {
        const int EnvelopesExpected = 64;
        _data = data;
        _rentedNodes = Rows<OtlpNode>.Rent(itemCount + EnvelopesExpected);
        _rentedItems = Rows<int>.Rent(itemCount);
        _nodes = _rentedNodes.All;
        _itemNodes = _rentedItems.All;
    }

    public static ChunkIndex Build(OtlpChunk chunk)
    {
        var builder = new IndexBuilder(chunk.Bytes, chunk.ItemCount);
        builder.Children(0, chunk.Length, OtlpSchema.RequestOf(chunk.Signal), -1);
        return new ChunkIndex(builder._rentedNodes, builder._count, builder._rentedItems, builder._items)
        {
            HasRepeatedContent = builder._hasRepeatedContent,
        };
    }

    private void Children(int start, int length, MessageKind message, int parent)
    {
        var rules = FieldRule.Table.AsSpan((int)message * OtlpSchema.FieldLimit, OtlpSchema.FieldLimit);
        var fields = new WireReader(_data, start, length);
        while (fields.Next())
        {
            if (fields.Type != WireType.LengthDelimited || fields.Field >= OtlpSchema.FieldLimit)
            {
                continue;
            }

            var child = (MessageKind)(rules[fields.Field] >> FieldRule.MessageShift);
            var kind = NodeKinds.Of(child);
            if (kind != OtlpNodeKind.None)
            {
                Node(child, kind, parent, fields.FieldOffset, fields.ValueOffset, fields.ValueLength);
            }
        }
    }

    private void Node(MessageKind message, OtlpNodeKind kind, int parent, int header, int body, int length)
    {
        var node = Add(message, kind, parent, header, body, length);
        switch (kind)
        {
            case OtlpNodeKind.Item:
                AddItem(node);
                break;
            case OtlpNodeKind.Resource or OtlpNodeKind.Scope:
                _hasRepeatedContent |= _nodes[parent].Content >= 0;
                _nodes[parent].Content = node;
                break;
            case OtlpNodeKind.ResourceEnvelope:
                Envelope(message, MessageKind.Resource, OtlpNodeKind.Resource, node, body, length);
                break;
            case OtlpNodeKind.ScopeEnvelope:
                Envelope(message, MessageKind.Scope, OtlpNodeKind.Scope, node, body, length);
                break;
            default:
                Children(body, length, message, node);
                break;
        }

        _nodes[node].Next = _count;
    }

    private void Envelope(
        MessageKind message, MessageKind content, OtlpNodeKind contentKind, int node, int body, int length)
    {
        if (!HasContent(body, length))
        {
            // A place to put attributes: the sender's empty resource or scope, without bytes.
            var absent = Add(content, contentKind, node, body, body, 0);
            _nodes[node].Content = absent;
        }

        Children(body, length, message, node);
    }

    private readonly bool HasContent(int body, int length)
    {
        const int ContentField = 1;
        var fields = new WireReader(_data, body, length);
        while (fields.Next())
        {
            if (fields is { Field: ContentField, Type: WireType.LengthDelimited })
            {
                return true;
            }
        }

        return false;
    }

    private int Add(MessageKind message, OtlpNodeKind kind, int parent, int header, int body, int length)
    {
        if (_count == _nodes.Length)
        {
            _rentedNodes = _rentedNodes.Grow(_count, _count * 2);
            _nodes = _rentedNodes.All;
        }

        _nodes[_count] = new OtlpNode
        {
            Kind = kind,
            Message = message,
            Parent = parent,
            Next = _count + 1,
            FirstItem = _items,
            Content = -1,
            HeaderOffset = header,
            BodyOffset = body,
            Length = length,
        };
        return _count++;
    }

    private void AddItem(int node)
    {
        if (_items == _itemNodes.Length)
        {
            _rentedItems = _rentedItems.Grow(_items, _items * 2);
            _itemNodes = _rentedItems.All;
        }

        _itemNodes[_items++] = node;
    }
}
