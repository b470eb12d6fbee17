using System.Buffers;

namespace TelemetryPipeline.Otlp.Indexing;

/// <summary>
/// The nodes of a chunk in preorder, and on demand its span records. Built at most once for a chunk and shared by all
/// batches over it; gone with the chunk.
/// </summary>
internal sealed class ChunkIndex
{
    private readonly OtlpNode[] _nodes;
    private readonly int _nodeCount;
    private readonly int[] _itemNodes;
    private SpanRecord[]? _spans;

    /// <summary>Takes over arrays rented from the shared pools.</summary>
    public ChunkIndex(OtlpNode[] nodes, int nodeCount, int[] itemNodes, int itemCount)
    {
        _nodes = nodes;
        _nodeCount = nodeCount;
        _itemNodes = itemNodes;
        ItemCount = itemCount;
    }

    public int ItemCount { get; }

    /// <summary>Whether an envelope has more than one resource or scope.</summary>
    public bool HasRepeatedContent { get; init; }

    public ReadOnlySpan<OtlpNode> Nodes => _nodes.AsSpan(0, _nodeCount);

    /// <summary>Node index of each item.</summary>
    public ReadOnlySpan<int> ItemNodes => _itemNodes.AsSpan(0, ItemCount);

    /// <summary>Ordinal of the first item behind a node and all inside it.</summary>
    public int EndItem(int node)
    {
        var next = _nodes[node].Next;
        return next < _nodeCount ? _nodes[next].FirstItem : ItemCount;
    }

    /// <summary>Whether a node is an item or holds one.</summary>
    public bool HasItems(int node) => EndItem(node) > _nodes[node].FirstItem;

    /// <summary>Whether <see cref="Spans"/> would have to read them first.</summary>
    public bool LacksSpans => Volatile.Read(ref _spans) is null;

    /// <summary>A record for each span; built by the first caller.</summary>
    public ReadOnlySpan<SpanRecord> Spans(ReadOnlySpan<byte> chunk)
    {
        if (LacksSpans)
        {
            var built = RentSpans();
            SpanRecordReader.Read(chunk, this, built);
            TakeSpans(built);
        }

        return _spans.AsSpan(0, ItemCount);
    }

    /// <summary>Room for the spans' records, to be filled and then taken.</summary>
    public SpanRecord[] RentSpans() => ArrayPool<SpanRecord>.Shared.Rent(Math.Max(ItemCount, 1));

    /// <summary>Takes over the spans' records, unless there are some by now.</summary>
    public void TakeSpans(SpanRecord[] built)
    {
        if (Interlocked.CompareExchange(ref _spans, built, null) is not null)
        {
            ArrayPool<SpanRecord>.Shared.Return(built);
        }
    }

    /// <summary>Returns the memory; the index must not be used any more.</summary>
    public void Release()
    {
        ArrayPool<OtlpNode>.Shared.Return(_nodes);
        ArrayPool<int>.Shared.Return(_itemNodes);
        if (_spans is { } spans)
        {
            ArrayPool<SpanRecord>.Shared.Return(spans);
        }
    }
}
