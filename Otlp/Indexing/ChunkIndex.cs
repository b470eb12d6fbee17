namespace TelemetryPipeline.Otlp.Indexing;

/// <summary>
/// The nodes of a chunk in preorder, and on demand its span records. Built at most once for a chunk and shared by all
/// batches over it; gone with the chunk.
/// </summary>
internal sealed class ChunkIndex
{
    private readonly Rows<OtlpNode> _nodes;
    private readonly int _nodeCount;
    private readonly Rows<int> _itemNodes;
    private readonly Lock _slotsLock = new();
    private SpanRows? _spans;
    private SlotTable? _slots;
    private int _slotReaders;

    /// <summary>Takes over what was rented.</summary>
    public ChunkIndex(Rows<OtlpNode> nodes, int nodeCount, Rows<int> itemNodes, int itemCount)
    {
        _nodes = nodes;
        _nodeCount = nodeCount;
        _itemNodes = itemNodes;
        ItemCount = itemCount;
    }

    public int ItemCount { get; }

    /// <summary>Whether an envelope has more than one resource or scope.</summary>
    public bool HasRepeatedContent { get; init; }

    public ReadOnlySpan<OtlpNode> Nodes => _nodes.All[.._nodeCount];

    /// <summary>Node index of each item.</summary>
    public ReadOnlySpan<int> ItemNodes => _itemNodes.All[..ItemCount];

    /// <summary>Ordinal of the first item behind a node and all inside it.</summary>
    public int EndItem(int node)
    {
        var nodes = Nodes;
        var next = nodes[node].Next;
        return next < nodes.Length ? nodes[next].FirstItem : ItemCount;
    }

    /// <summary>Whether a node is an item or holds one.</summary>
    public bool HasItems(int node) => EndItem(node) > Nodes[node].FirstItem;

    /// <summary>Whether <see cref="Spans"/> would have to read them first.</summary>
    public bool LacksSpans => Volatile.Read(ref _spans) is null;

    /// <summary>A record for each span; built by the first caller.</summary>
    public ReadOnlySpan<SpanRecord> Spans(ReadOnlySpan<byte> chunk)
    {
        if (LacksSpans)
        {
            var built = RentSpans();
            SpanRecordReader.Read(chunk, this, built.All);
            TakeSpans(built);
        }

        return _spans!.Rows.All[..ItemCount];
    }

    /// <summary>Room for the spans' records, to be filled and then taken.</summary>
    public Rows<SpanRecord> RentSpans() => Rows<SpanRecord>.Rent(ItemCount);

    /// <summary>Takes over the spans' records, unless there are some by now.</summary>
    public void TakeSpans(Rows<SpanRecord> built)
    {
        if (Interlocked.CompareExchange(ref _spans, new SpanRows(built), null) is not null)
        {
            built.Return();
        }
    }

    /// <summary>
    /// The places of registered attributes, found by the first who asks and then shared: a batch that several components
    /// look into is walked over once.
    /// </summary>
    /// <param name="keys">The keys.</param>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <returns>To be given back by <see cref="ReturnSlots"/>; null while somebody reads those of other keys.</returns>
    public SlotTable? BorrowSlots(AttributeSlots.Table keys, ReadOnlySpan<byte> chunk)
    {
        if (TryBorrowSlots(keys, null, out var table))
        {
            return table;
        }

        var built = SlotTable.Resolve(keys, chunk, this);
        if (!TryBorrowSlots(keys, built, out table) || table != built)
        {
            built.Release();
        }

        return table;
    }

    /// <summary>Takes over a table, before anybody reads the index.</summary>
    public void TakeSlots(SlotTable table) => _slots = table;

    /// <summary>Gives back what was borrowed.</summary>
    public void ReturnSlots()
    {
        lock (_slotsLock)
        {
            _slotReaders--;
        }
    }

    /// <summary>Returns the memory; the index must not be used any more.</summary>
    public void Release()
    {
        _nodes.Return();
        _itemNodes.Return();
        _slots?.Release();
        _spans?.Rows.Return();
    }

    /// <summary>Borrows the table that is there, or else the one that was built.</summary>
    /// <returns>False when one has to be built first.</returns>
    private bool TryBorrowSlots(AttributeSlots.Table keys, SlotTable? built, out SlotTable? table)
    {
        lock (_slotsLock)
        {
            if (_slots is not null && _slots.Keys != keys)
            {
                table = null;
                if (_slotReaders > 0)
                {
                    return true;
                }

                _slots.Release();
                _slots = null;
            }

            _slots ??= built;
            table = _slots;
            _slotReaders += table is null ? 0 : 1;
            return table is not null;
        }
    }

    // An object, so that it is published as a whole.
    private sealed record SpanRows(Rows<SpanRecord> Rows);
}
