using System.Buffers;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Indexing;

/// <summary>
/// Where each registered key's value is, for every node of a chunk: a row of slots for each node. Positive entries
/// point into the chunk, negative ones into the overlay's arena; 0 is an attribute that was never there, 1 one that was
/// removed: no value is at the chunk's first byte. Behind the slots a row has a
/// bit for each, so that a component with many keys asks for all of them at once.
/// </summary>
internal sealed class SlotTable
{
    private const long InArena = long.MinValue;
    private const long Removed = 1;
    private const int BitsPerWord = 64;
    private readonly long[] _entries;

    // Where the attribute's field begins, for entries that point into the chunk; other places are not written.
    private readonly int[] _fieldOffsets;
    private readonly int _slotCount;
    private readonly int _width;

    private SlotTable(AttributeSlots.Table keys, int nodeCount)
    {
        Keys = keys;
        _slotCount = keys.Keys.Length;
        _width = _slotCount + ((_slotCount + BitsPerWord - 1) / BitsPerWord);
        _entries = ArrayPool<long>.Shared.Rent(Math.Max(_width * nodeCount, 1));
        Array.Clear(_entries, 0, _width * nodeCount);
        _fieldOffsets = ArrayPool<int>.Shared.Rent(Math.Max(_slotCount * nodeCount, 1));
    }

    /// <summary>The keys resolved.</summary>
    public AttributeSlots.Table Keys { get; }

    /// <summary>Whether any node has two attributes of one registered key.</summary>
    public bool HasDuplicates { get; private set; }

    public static SlotTable Resolve(AttributeSlots.Table keys, ReadOnlySpan<byte> chunk, ReadOnlySpan<OtlpNode> nodes)
    {
        var table = new SlotTable(keys, nodes.Length);
        for (var i = 0; i < nodes.Length; i++)
        {
            var field = NodeKinds.AttributeField(nodes[i].Message);
            if (field != 0)
            {
                table.ResolveNode(i, chunk, nodes[i], field);
            }
        }

        return table;
    }

    /// <summary>The entry of a slot.</summary>
    /// <returns>False when the node has no such attribute.</returns>
    public bool TryGet(int node, int slot, out bool inArena, out int offset, out int length)
    {
        var entry = _entries[(node * _width) + slot];
        inArena = entry < 0;
        offset = (int)((entry & ~InArena) >> 32);
        length = (int)entry;
        return entry is not (0 or Removed);
    }

    /// <summary>Whether a node does not have an attribute and never had it, so that there is no edit of it either.</summary>
    public bool IsNew(int node, int slot) => _entries[(node * _width) + slot] == 0;

    /// <summary>Where the field of an attribute begins whose value <see cref="TryGet"/> found in the chunk.</summary>
    public int FieldOffset(int node, int slot) => _fieldOffsets[(node * _slotCount) + slot];

    /// <summary>The slots of the attributes that a node has.</summary>
    public SlotMask Present(int node)
    {
        var words = _entries.AsSpan((node * _width) + _slotCount, _width - _slotCount);
        return SlotMask.OfWords(words);
    }

    /// <summary>Whether a node has any of the attributes of a mask.</summary>
    public bool HasAny(int node, in SlotMask mask)
    {
        var words = _entries.AsSpan((node * _width) + _slotCount, _width - _slotCount);
        for (var i = 0; i < words.Length; i++)
        {
            if (((ulong)words[i] & mask.Word(i)) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Follows a change of a slot: the value is now in the arena.</summary>
    public void Set(int node, int slot, int arenaOffset, int length) =>
        PutSlot(node, slot, InArena | ((long)arenaOffset << 32) | (uint)length);

    /// <summary>Follows a change: the value is now in the arena.</summary>
    public void Set(int node, ReadOnlySpan<byte> key, int arenaOffset, int length) =>
        Put(node, key, InArena | ((long)arenaOffset << 32) | (uint)length);

    /// <summary>Follows a removal.</summary>
    public void Remove(int node, ReadOnlySpan<byte> key) => Put(node, key, Removed);

    /// <summary>Returns the memory; the table must not be used any more.</summary>
    public void Release()
    {
        ArrayPool<long>.Shared.Return(_entries);
        ArrayPool<int>.Shared.Return(_fieldOffsets);
    }

    private void Put(int node, ReadOnlySpan<byte> key, long entry)
    {
        var slot = Keys.Find(key);
        if (slot >= 0)
        {
            PutSlot(node, slot, entry);
        }
    }

    private void PutSlot(int node, int slot, long entry)
    {
        _entries[(node * _width) + slot] = entry;
        ref var word = ref _entries[(node * _width) + _slotCount + (slot / BitsPerWord)];
        var bit = 1L << (slot % BitsPerWord);
        word = entry == Removed ? word & ~bit : word | bit;
    }

    private void ResolveNode(int index, ReadOnlySpan<byte> chunk, in OtlpNode node, int attributeField)
    {
        var row = _entries.AsSpan(index * _width, _width);
        var fields = new WireReader(chunk, node.BodyOffset, node.Length);
        while (fields.Next())
        {
            if (fields.Field != attributeField || fields.Type != WireType.LengthDelimited)
            {
                continue;
            }

            var pair = fields.Content;
            var slot = Keys.Find(AttributeView.KeyOf(pair));
            if (slot < 0)
            {
                continue;
            }

            if (row[slot] != 0)
            {
                HasDuplicates = true;
            }
            else
            {
                AttributeView.ValueRange(pair, out var offset, out var length);
                row[slot] = ((long)(fields.ValueOffset + offset) << 32) | (uint)length;
                row[_slotCount + (slot / BitsPerWord)] |= 1L << (slot % BitsPerWord);
                _fieldOffsets[(index * _slotCount) + slot] = fields.FieldOffset;
            }
        }
    }
}
