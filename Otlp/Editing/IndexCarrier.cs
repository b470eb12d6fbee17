using System.Buffers;
using System.Numerics;
using TelemetryPipeline.Otlp.Indexing;

namespace TelemetryPipeline.Otlp.Editing;

/// <summary>
/// Makes the index of a changed chunk out of that of the chunk it was before, while its bytes are written: where things
/// have moved to is known then, and whoever comes next need not look for them again.
/// </summary>
/// <remarks>
/// For changes that only set and remove attributes, which nearly all do. Others leave it to the next reader to find the
/// index, as for any new chunk.
/// </remarks>
internal sealed class IndexCarrier
{
    // Beyond so many changes in the middle of a node it is quicker to look again.
    private const int MovesMax = 16;
    private readonly ChunkIndex _index;
    private readonly SlotTable _slots;
    private readonly SlotEdits _edits;
    private readonly ChunkOverlay _overlay;
    private readonly int[] _fieldOffsets;
    private Rows<OtlpNode> _nodes;

    private IndexCarrier(ChunkIndex index, SlotTable slots, SlotEdits edits, ChunkOverlay overlay)
    {
        _index = index;
        _slots = slots;
        _edits = edits;
        _overlay = overlay;
        _fieldOffsets = ArrayPool<int>.Shared.Rent(overlay.EditCount);
        _nodes = Rows<OtlpNode>.Rent(index.Nodes.Length);
    }

    /// <summary>A carrier; null where the index has to be found anew.</summary>
    /// <param name="index">The nodes as received.</param>
    /// <param name="slots">The attributes as received.</param>
    /// <param name="edits">What has become of them.</param>
    /// <param name="overlay">The changes.</param>
    public static IndexCarrier? For(ChunkIndex index, SlotTable? slots, SlotEdits? edits, ChunkOverlay overlay) =>
        slots is null || edits is null || slots.HasDuplicates || overlay.HasOtherThanAttributes || index.LacksSpans
            ? null
            : new IndexCarrier(index, slots, edits, overlay);

    /// <summary>Where in the new chunk the fields of edits are; the writer enters them.</summary>
    public Span<int> FieldOffsets => _fieldOffsets;

    /// <summary>Notes that nodes have moved as a whole.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="end">Behind the last.</param>
    /// <param name="by">How far.</param>
    public void Move(int first, int end, int by)
    {
        var nodes = _index.Nodes;
        var moved = _nodes.All;
        for (var i = first; i < end; i++)
        {
            moved[i] = nodes[i] with { HeaderOffset = nodes[i].HeaderOffset + by, BodyOffset = nodes[i].BodyOffset + by };
        }
    }

    /// <summary>Notes where a changed node has gone.</summary>
    public void Place(int node, int headerOffset, int bodyOffset, int length) =>
        _nodes.All[node] = _index.Nodes[node] with { HeaderOffset = headerOffset, BodyOffset = bodyOffset, Length = length };

    /// <summary>The index of the new chunk, when all of it has been written; null where it has to be found anew.</summary>
    /// <param name="chunk">The bytes as received.</param>
    /// <param name="changedLength">Length of the new chunk in bytes.</param>
    public ChunkIndex? Finish(ReadOnlySpan<byte> chunk, int changedLength)
    {
        var count = _index.Nodes.Length;
        var builder = new SlotTable.Builder(_slots.Keys, count, changedLength);
        for (var node = 0; node < count; node++)
        {
            if (!TryCarrySlots(node, ref builder))
            {
                builder.Finish().Release();
                return null;
            }
        }

        var items = Rows<int>.Rent(_index.ItemCount);
        _index.ItemNodes.CopyTo(items.All);
        var spans = CarrySpans(_index.Spans(chunk));
        var carried = new ChunkIndex(_nodes, count, items, _index.ItemCount);
        _nodes = default;
        carried.TakeSpans(spans);
        carried.TakeSlots(builder.Finish());
        return carried;
    }

    /// <summary>Returns the memory.</summary>
    public void Release()
    {
        ArrayPool<int>.Shared.Return(_fieldOffsets);
        _nodes.Return();
    }

    private bool TryCarrySlots(int node, ref SlotTable.Builder builder)
    {
        if (NodeKinds.AttributeField(_index.Nodes[node].Message) == 0)
        {
            builder.Begin(default, 0);
            return true;
        }

        Span<(int From, int By)> moves = stackalloc (int, int)[MovesMax];
        var moveCount = MovesIn(node, moves);
        if (moveCount > MovesMax)
        {
            return false;
        }

        var row = _edits.RowOf(node);
        var received = _slots.PlacesOf(node).All;
        var places = builder.Begin(row.Has, CountOf(row.Has));
        var moved = MoveOf(node);
        var next = 0;
        var at = 0;
        for (var word = 0; word < row.Has.Length; word++)
        {
            for (var left = row.Has[word]; left != 0; left &= left - 1)
            {
                var slot = (word * SlotMask.BitsPerWord) + BitOperations.TrailingZeroCount(left);
                if ((row.IsSet[word] >> slot & 1) != 0)
                {
                    _edits.TryGet(node, slot, out var edit);
                    _overlay.TryGetValue(edit, out _, out var length);
                    var field = _fieldOffsets[edit];
                    places[at++] = new SlotPlace(slot, field, field + _overlay.ValueInField(edit), length);
                    continue;
                }

                // Both are in the order of the slots.
                while (received[next].Slot < slot)
                {
                    next++;
                }

                var place = received[next];
                var by = moved + GrowthBefore(place.FieldOffset, moves[..moveCount]);
                places[at++] = place with { FieldOffset = place.FieldOffset + by, ValueOffset = place.ValueOffset + by };
            }
        }

        return true;
    }

    private Rows<SpanRecord> CarrySpans(ReadOnlySpan<SpanRecord> spans)
    {
        var carried = _index.RentSpans();
        var target = carried.All;
        Span<(int From, int By)> moves = stackalloc (int, int)[MovesMax];
        for (var i = 0; i < spans.Length; i++)
        {
            target[i] = spans[i];
            var node = spans[i].Node;
            var known = moves[..Math.Min(MovesIn(node, moves), MovesMax)];
            var moved = MoveOf(node);
            target[i].NameOffset += spans[i].NameLength == 0 ? 0 : moved + GrowthBefore(spans[i].NameOffset, known);
            target[i].StatusMessageOffset += spans[i].StatusMessageLength == 0 ? 0 : moved + GrowthBefore(spans[i].StatusMessageOffset, known);
        }

        return carried;
    }

    /// <summary>The changes in the middle of a node: from which byte on they move what follows, and by how much.</summary>
    /// <returns>How many; more than there is room for when there are too many.</returns>
    private int MovesIn(int node, Span<(int From, int By)> moves)
    {
        var count = 0;
        for (var edit = _overlay.FirstEdit(node); edit != 0 && _overlay.BaseOffset(edit) != ChunkOverlay.Added; edit = _overlay.NextEdit(edit))
        {
            if (count == moves.Length)
            {
                return count + 1;
            }

            moves[count++] = (_overlay.BaseOffset(edit), _overlay.Growth(edit));
        }

        return count;
    }

    /// <summary>How far the beginning of a node's content has moved.</summary>
    private int MoveOf(int node) => _nodes.All[node].BodyOffset - _index.Nodes[node].BodyOffset;

    /// <summary>How much longer what is before an offset in a node has become.</summary>
    private static int GrowthBefore(int offset, ReadOnlySpan<(int From, int By)> moves)
    {
        var growth = 0;
        foreach (var (from, by) in moves)
        {
            growth += from < offset ? by : 0;
        }

        return growth;
    }

    private static int CountOf(ReadOnlySpan<ulong> bits)
    {
        var count = 0;
        foreach (var word in bits)
        {
            count += BitOperations.PopCount(word);
        }

        return count;
    }
}
