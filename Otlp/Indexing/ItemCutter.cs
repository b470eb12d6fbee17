using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Indexing;

/// <summary>
/// Writes a range of a chunk's items as a request of its own: what holds them is repeated, what holds none of them is
/// left out. A cut costs what it writes, whatever the chunk holds beside it.
/// </summary>
internal ref struct ItemCutter
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly ReadOnlySpan<OtlpNode> _nodes;
    private readonly ReadOnlySpan<int> _itemNodes;
    private readonly ChunkIndex _index;
    private readonly HolderRuns _runs;
    private int _first;
    private int _end;
    private int _written;

    /// <param name="data">The chunk's bytes.</param>
    /// <param name="index">The chunk's nodes.</param>
    /// <param name="runs">What the parts repeat; not disposed of here.</param>
    public ItemCutter(ReadOnlySpan<byte> data, ChunkIndex index, HolderRuns runs)
    {
        _data = data;
        _index = index;
        _nodes = index.Nodes;
        _itemNodes = index.ItemNodes;
        _runs = runs;
    }

    public readonly int ItemCount => _index.ItemCount;

    /// <summary>Nodes looked at so far: what a test holds to be in proportion to what is written.</summary>
    public long Visits { get; private set; }

    /// <summary>How many items from a first one on fit into limits; 0 when not even one does.</summary>
    /// <remarks>Lengths are estimated from above: what holds an item is counted with all but what holds items in turn.</remarks>
    public int Fit(int first, int maxItems, long maxBytes)
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
            Visits++;
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
        for (var node = FirstIn(-1); IsBefore(node, _nodes.Length); node = _nodes[node].Next)
        {
            length += TotalLength(node);
        }

        return length;
    }

    /// <summary>Writes the range that was measured.</summary>
    public void Write(Span<byte> target)
    {
        _written = 0;
        for (var node = FirstIn(-1); IsBefore(node, _nodes.Length); node = _nodes[node].Next)
        {
            WriteNode(node, target);
        }
    }

    /// <summary>The first child of a holder that may have items in the range; -1 asks for resource envelopes.</summary>
    private readonly int FirstIn(int holder)
    {
        if (holder >= 0 && _nodes[holder].FirstItem >= _first)
        {
            return holder + 1;
        }

        var node = _itemNodes[_first];
        while (_nodes[node].Parent != holder)
        {
            node = _nodes[node].Parent;
        }

        return node;
    }

    private readonly bool IsBefore(int node, int next) => node < next && _nodes[node].FirstItem < _end;

    private readonly bool IsOutside(int node) => HolderRuns.IsContent(_nodes[node].Kind)
        || _index.EndItem(node) <= _first || _nodes[node].FirstItem >= _end || !_index.HasItems(node);

    private readonly bool IsWhole(int node) => _nodes[node].FirstItem >= _first && _index.EndItem(node) <= _end;

    private int BodyLength(int node)
    {
        var length = _runs.LengthOf(node);
        for (var child = FirstIn(node); IsBefore(child, _nodes[node].Next); child = _nodes[child].Next)
        {
            length += TotalLength(child);
        }

        return length;
    }

    private int TotalLength(int node)
    {
        Visits++;
        if (IsOutside(node))
        {
            return 0;
        }

        return IsWhole(node) ? _nodes[node].TotalLength : WireWriter.FieldSize(BodyLength(node));
    }

    /// <summary>Bytes that repeating the holders of an item costs, but for those shared with the item before.</summary>
    private readonly int HoldersLength(int node, int former)
    {
        const int LengthGrowth = WireWriter.MaxVarintBytes;
        var length = 0;
        for (; node >= 0 && !Holds(node, former); node = _nodes[node].Parent)
        {
            length += _runs.MostBytesOf(node) + LengthGrowth;
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
        Visits++;
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
        WriteBody(index, target);
    }

    /// <summary>Writes what is repeated and the children in the range, in the order in which they were received.</summary>
    private void WriteBody(int node, Span<byte> target)
    {
        var child = FirstIn(node);
        foreach (var run in _runs.Of(node))
        {
            for (; IsBefore(child, _nodes[node].Next) && _nodes[child].HeaderOffset < run.Start; child = _nodes[child].Next)
            {
                WriteNode(child, target);
            }

            Copy(run.Start, run.End, target);
        }

        for (; IsBefore(child, _nodes[node].Next); child = _nodes[child].Next)
        {
            WriteNode(child, target);
        }
    }

    private void Copy(int from, int to, Span<byte> target)
    {
        _data[from..to].CopyTo(target[_written..]);
        _written += to - from;
    }
}
