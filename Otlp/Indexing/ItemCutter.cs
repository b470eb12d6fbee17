using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Indexing;

/// <summary>
/// Writes a range of a chunk's items as a request of its own: what holds them is repeated, what holds none of them is
/// left out.
/// </summary>
internal ref struct ItemCutter
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly ReadOnlySpan<OtlpNode> _nodes;
    private readonly ReadOnlySpan<int> _itemNodes;
    private int _first;
    private int _end;
    private int _written;

    public ItemCutter(ReadOnlySpan<byte> data, ChunkIndex index)
    {
        _data = data;
        _nodes = index.Nodes;
        _itemNodes = index.ItemNodes;
        ItemCount = index.ItemCount;
    }

    public int ItemCount { get; }

    /// <summary>How many items from a first one on fit into limits; 0 when not even one does.</summary>
    /// <remarks>Lengths are estimated from above: what holds an item is counted with all but what holds items in turn.</remarks>
    public readonly int Fit(int first, int maxItems, long maxBytes)
    {
        var most = Math.Min(maxItems, ItemCount - first);
        if (maxBytes >= _data.Length)
        {
            return most;
        }

        long bytes = 0;
        var holder = -1;
        for (var i = 0; i < most; i++)
        {
            var item = _itemNodes[first + i];
            bytes += _nodes[item].TotalLength;
            if (_nodes[item].Parent != holder)
            {
                bytes += HoldersLength(_nodes[item].Parent, holder);
                holder = _nodes[item].Parent;
            }

            if (bytes > maxBytes)
            {
                return i;
            }
        }

        return most;
    }

    /// <summary>Chooses a range of items.</summary>
    /// <returns>Length in bytes of the request they make.</returns>
    public int Measure(int first, int end)
    {
        _first = first;
        _end = end;
        var length = 0;
        for (var node = Start(); node < _nodes.Length; node = _nodes[node].Next)
        {
            length += TotalLength(node);
        }

        return length;
    }

    /// <summary>Writes the range that was measured.</summary>
    public void Write(Span<byte> target)
    {
        _written = 0;
        for (var node = Start(); node < _nodes.Length; node = _nodes[node].Next)
        {
            WriteNode(node, target);
        }
    }

    /// <summary>The resource envelope of the first item: nothing before it can be in the range.</summary>
    private readonly int Start()
    {
        var node = _itemNodes[_first];
        while (_nodes[node].Parent >= 0)
        {
            node = _nodes[node].Parent;
        }

        return node;
    }

    private readonly int EndItem(int node)
    {
        var next = _nodes[node].Next;
        return next < _nodes.Length ? _nodes[next].FirstItem : ItemCount;
    }

    private readonly bool IsOutside(int node) => _nodes[node].Kind is not OtlpNodeKind.Resource and not OtlpNodeKind.Scope
        && (EndItem(node) <= _first || _nodes[node].FirstItem >= _end || EndItem(node) == _nodes[node].FirstItem);

    private readonly bool IsInside(int node) => _nodes[node].FirstItem >= _first && EndItem(node) <= _end;

    private readonly int BodyLength(int node)
    {
        var length = OwnLength(node);
        for (var child = node + 1; child < _nodes[node].Next; child = _nodes[child].Next)
        {
            length += TotalLength(child);
        }

        return length;
    }

    /// <summary>Bytes of a node's content outside of its children.</summary>
    private readonly int OwnLength(int node)
    {
        var length = _nodes[node].Length;
        for (var child = node + 1; child < _nodes[node].Next; child = _nodes[child].Next)
        {
            length -= _nodes[child].TotalLength;
        }

        return length;
    }

    private readonly int TotalLength(int node)
    {
        if (IsOutside(node))
        {
            return 0;
        }

        return IsWhole(node) ? _nodes[node].TotalLength : WireWriter.FieldSize(BodyLength(node));
    }

    private readonly bool IsWhole(int node) =>
        _nodes[node].Kind is OtlpNodeKind.Resource or OtlpNodeKind.Scope || IsInside(node);

    /// <summary>Bytes that repeating the holders of an item costs, but for those shared with the item before.</summary>
    private readonly int HoldersLength(int node, int former)
    {
        const int LengthGrowth = WireWriter.MaxVarintBytes;
        var length = 0;
        for (; node >= 0 && !Holds(node, former); node = _nodes[node].Parent)
        {
            length += _nodes[node].Length + LengthGrowth;
            for (var child = node + 1; child < _nodes[node].Next; child = _nodes[child].Next)
            {
                length -= EndItem(child) > _nodes[child].FirstItem ? _nodes[child].TotalLength : 0;
            }
        }

        return length;
    }

    private readonly bool Holds(int node, int inner)
    {
        while (inner > node)
        {
            inner = _nodes[inner].Parent;
        }

        return inner == node;
    }

    private void WriteNode(int index, Span<byte> target)
    {
        ref readonly var node = ref _nodes[index];
        if (IsOutside(index))
        {
            return;
        }

        if (IsWhole(index))
        {
            Copy(node.HeaderOffset, node.End, target);
            return;
        }

        var tag = new WireReader(_data, node.HeaderOffset, node.TotalLength);
        tag.Next();
        target[_written++] = (byte)WireWriter.Tag(tag.Field, WireType.LengthDelimited);
        _written += WireWriter.WriteVarint(target[_written..], (uint)BodyLength(index));
        var at = node.BodyOffset;
        for (var child = index + 1; child < node.Next; child = _nodes[child].Next)
        {
            Copy(at, _nodes[child].HeaderOffset, target);
            WriteNode(child, target);
            at = _nodes[child].End;
        }

        Copy(at, node.End, target);
    }

    private void Copy(int from, int to, Span<byte> target)
    {
        _data[from..to].CopyTo(target[_written..]);
        _written += to - from;
    }
}
