using System.Buffers;
using System.Runtime.CompilerServices;
using TelemetryPipeline.Otlp.Schema;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Indexing;

/// <summary>
/// Where each registered key's value is, for every node of a chunk: a row of entries for each node, positive ones into the
/// chunk, negative ones into the overlay's arena. Beside them are bits that say which attributes a node has, and which it
/// had until they were removed. An entry means something only where its bit is set, so that rows need not be cleared, and
/// a component with many keys asks for all of them at once.
/// </summary>
internal sealed class SlotTable
{
    private const long InArena = long.MinValue;
    private readonly long[] _entries;

    // Where the attribute's field begins, for entries that point into the chunk; the edit, for those into the arena.
    private readonly int[] _origins;

    // For each node the words of what it has, then those of what was removed.
    private readonly ulong[] _bits;
    private readonly int _slotCount;
    private readonly int _words;

    private SlotTable(AttributeSlots.Table keys, int nodeCount)
    {
        Keys = keys;
        _slotCount = keys.Keys.Length;
        _words = (_slotCount + SlotMask.BitsPerWord - 1) / SlotMask.BitsPerWord;
        _entries = ArrayPool<long>.Shared.Rent(Math.Max(_slotCount * nodeCount, 1));
        _origins = ArrayPool<int>.Shared.Rent(Math.Max(_slotCount * nodeCount, 1));
        _bits = ArrayPool<ulong>.Shared.Rent(Math.Max(2 * _words * nodeCount, 1));
        Array.Clear(_bits, 0, 2 * _words * nodeCount);
    }

    /// <summary>The keys resolved.</summary>
    public AttributeSlots.Table Keys { get; }

    /// <summary>Whether any node has two attributes of one registered key.</summary>
    public bool HasDuplicates { get; private set; }

    /// <summary>Finds the registered attributes of all nodes; in the same pass, where they are lacking, the records of spans.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="index">Its nodes.</param>
    public static SlotTable Resolve(AttributeSlots.Table keys, ReadOnlySpan<byte> chunk, ChunkIndex index)
    {
        var nodes = index.Nodes;
        var table = new SlotTable(keys, nodes.Length);
        SpanRecord[]? spans = null;
        SpanRecord unused = default;
        for (var i = 0; i < nodes.Length; i++)
        {
            ref readonly var node = ref nodes[i];
            var field = NodeKinds.AttributeField(node.Message);
            if (field == 0)
            {
                continue;
            }

            if (node.Message == MessageKind.Span && (spans is not null || index.LacksSpans))
            {
                spans ??= index.RentSpans();
                spans[node.FirstItem] = SpanRecordReader.Begin(index, i);
                table.ResolveNode(i, chunk, node, field, isSpan: true, ref spans[node.FirstItem]);
            }
            else
            {
                table.ResolveNode(i, chunk, node, field, isSpan: false, ref unused);
            }
        }

        if (spans is not null)
        {
            index.TakeSpans(spans);
        }

        return table;
    }

    /// <summary>The entry of a slot.</summary>
    /// <returns>False when the node has no such attribute.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(int node, int slot, out bool inArena, out int offset, out int length)
    {
        if (!Has(node, slot))
        {
            inArena = false;
            offset = 0;
            length = 0;
            return false;
        }

        var entry = _entries[(node * _slotCount) + slot];
        inArena = entry < 0;
        offset = (int)((entry & ~InArena) >> 32);
        length = (int)entry;
        return true;
    }

    /// <summary>Whether a node has an attribute.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Has(int node, int slot) => (_bits[Word(node, slot)] >> slot & 1) != 0;

    /// <summary>Whether a node does not have an attribute and never had it, so that there is no edit of it either.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsNew(int node, int slot) => ((_bits[Word(node, slot)] | _bits[Word(node, slot) + _words]) >> slot & 1) == 0;

    /// <summary>Where the field of an attribute begins whose value <see cref="TryGet"/> found in the chunk.</summary>
    public int FieldOffset(int node, int slot) => _origins[(node * _slotCount) + slot];

    /// <summary>The edit that set an attribute whose value <see cref="TryGet"/> found in the arena.</summary>
    public int EditOf(int node, int slot) => _origins[(node * _slotCount) + slot];

    /// <summary>The entries of one node, for who works on many of them.</summary>
    public Row RowOf(int node) => new(
        _entries.AsSpan(node * _slotCount, _slotCount), _origins.AsSpan(node * _slotCount, _slotCount), _bits.AsSpan(2 * _words * node, 2 * _words));

    /// <summary>The slots of the attributes that a node has.</summary>
    public SlotMask Present(int node) => SlotMask.OfWords(_bits.AsSpan(2 * _words * node, _words));

    /// <summary>Whether a node has any of the attributes of a mask.</summary>
    public bool HasAny(int node, in SlotMask mask)
    {
        var words = _bits.AsSpan(2 * _words * node, _words);
        for (var i = 0; i < words.Length; i++)
        {
            if ((words[i] & mask.Word(i)) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Follows a change of a slot: the value is now in the arena.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(int node, int slot, int edit, int arenaOffset, int length)
    {
        _entries[(node * _slotCount) + slot] = InArena | ((long)arenaOffset << 32) | (uint)length;
        _origins[(node * _slotCount) + slot] = edit;
        _bits[Word(node, slot)] |= 1UL << slot;
    }

    /// <summary>Follows a change: the value is now in the arena.</summary>
    public void Set(int node, ReadOnlySpan<byte> key, int edit, int arenaOffset, int length)
    {
        var slot = Keys.Find(key);
        if (slot >= 0)
        {
            Set(node, slot, edit, arenaOffset, length);
        }
    }

    /// <summary>Follows a removal of a slot.</summary>
    public void Remove(int node, int slot)
    {
        _bits[Word(node, slot)] &= ~(1UL << slot);
        _bits[Word(node, slot) + _words] |= 1UL << slot;
    }

    /// <summary>Follows a removal.</summary>
    public void Remove(int node, ReadOnlySpan<byte> key)
    {
        var slot = Keys.Find(key);
        if (slot >= 0)
        {
            Remove(node, slot);
        }
    }

    /// <summary>Returns the memory; the table must not be used any more.</summary>
    public void Release()
    {
        ArrayPool<long>.Shared.Return(_entries);
        ArrayPool<int>.Shared.Return(_origins);
        ArrayPool<ulong>.Shared.Return(_bits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Word(int node, int slot) => (2 * _words * node) + (slot / SlotMask.BitsPerWord);

    private void ResolveNode(
        int index, ReadOnlySpan<byte> chunk, in OtlpNode node, int attributeField, bool isSpan, ref SpanRecord span)
    {
        const int KeyTag = (1 << 3) | (int)WireType.LengthDelimited;
        const int ValueTag = (2 << 3) | (int)WireType.LengthDelimited;
        var attributeTag = (attributeField << 3) | (int)WireType.LengthDelimited;
        var row = RowOf(index);
        chunk = chunk[..node.End];
        for (var at = node.BodyOffset; at < chunk.Length;)
        {
            // As encoders write an attribute: the key, the value, nothing else, and no length of more than a byte.
            const int Lengths = 4;
            if (chunk.Length - at > Lengths && chunk[at] == attributeTag && chunk[at + 1] is var length and < 0x80
                && chunk[at + 2] == KeyTag && chunk[at + 3] is var keyLength && keyLength + Lengths <= length
                && at + 2 + length <= chunk.Length && chunk[at + Lengths + keyLength] == ValueTag
                && chunk[at + Lengths + keyLength + 1] == length - keyLength - Lengths)
            {
                var slot = Keys.Find(chunk.Slice(at + Lengths, keyLength));
                if (slot >= 0)
                {
                    HasDuplicates |= !row.Enter(slot, at, at + Lengths + keyLength + 2, length - keyLength - Lengths);
                }

                at += 2 + length;
                continue;
            }

            var fields = new WireReader(chunk, at, chunk.Length - at);
            if (!fields.Next())
            {
                break;
            }

            at = fields.Position;
            if (fields.Field == attributeField && fields.Type == WireType.LengthDelimited)
            {
                AttributeView.Split(fields.Content, out var key, out var offset, out var valueLength);
                var slot = Keys.Find(key);
                HasDuplicates |= slot >= 0 && !row.Enter(slot, fields.FieldOffset, fields.ValueOffset + offset, valueLength);
            }
            else if (isSpan)
            {
                SpanRecordReader.ReadField(chunk, fields, ref span);
            }
        }
    }

    /// <summary>One node's part of the table.</summary>
    internal readonly ref struct Row(Span<long> entries, Span<int> origins, Span<ulong> bits)
    {
        private readonly Span<long> _entries = entries;
        private readonly Span<int> _origins = origins;
        private readonly Span<ulong> _bits = bits;

        /// <inheritdoc cref="SlotTable.Has"/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Has(int slot) => (_bits[slot / SlotMask.BitsPerWord] >> slot & 1) != 0;

        /// <inheritdoc cref="SlotTable.TryGet"/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryGet(int slot, out bool inArena, out int offset, out int length)
        {
            var entry = _entries[slot];
            inArena = entry < 0;
            offset = (int)((entry & ~InArena) >> 32);
            length = (int)entry;
            return Has(slot);
        }

        /// <summary>Where in the chunk a slot's value is.</summary>
        /// <returns>False when the node has no such attribute, or one that was changed.</returns>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryGetReceived(int slot, out int offset, out int length)
        {
            var entry = _entries[slot];
            offset = (int)(entry >> 32);
            length = (int)entry;
            return Has(slot) && entry >= 0;
        }

        /// <summary>Enters an attribute as it was received.</summary>
        /// <returns>False when there is one of that key already, which stays.</returns>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Enter(int slot, int fieldOffset, int valueOffset, int valueLength)
        {
            ref var word = ref _bits[slot / SlotMask.BitsPerWord];
            if ((word >> slot & 1) != 0)
            {
                return false;
            }

            word |= 1UL << slot;
            _entries[slot] = ((long)valueOffset << 32) | (uint)valueLength;
            _origins[slot] = fieldOffset;
            return true;
        }

        /// <inheritdoc cref="SlotTable.IsNew"/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool IsNew(int slot) => ((_bits[slot / SlotMask.BitsPerWord] | _bits[(slot / SlotMask.BitsPerWord) + (_bits.Length / 2)]) >> slot & 1) == 0;

        /// <inheritdoc cref="SlotTable.Set(int, int, int, int, int)"/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Set(int slot, int edit, int arenaOffset, int length)
        {
            _entries[slot] = InArena | ((long)arenaOffset << 32) | (uint)length;
            _origins[slot] = edit;
            _bits[slot / SlotMask.BitsPerWord] |= 1UL << slot;
        }
    }
}
