using System.Buffers;
using System.Runtime.CompilerServices;
using TelemetryPipeline.Otlp.Indexing;

namespace TelemetryPipeline.Otlp.Editing;

/// <summary>
/// What has become of registered attributes in one view: which a node has now, which of them have their value in the
/// overlay's arena, and where. An entry means something only where its bit is set, so that rows need not be cleared.
/// </summary>
internal sealed class SlotEdits
{
    // What a node has; which of it was set; what was removed: three groups of words.
    private const int Groups = 3;
    private const int EntriesFirst = 64;
    private readonly ulong[] _bits;
    private readonly Part[] _parts;
    private readonly int _words;

    // The slots that were set, node by node, and the edit of each: only what there is takes memory, for a request may
    // have a million nodes and a configuration two hundred slots.
    private byte[] _slots;
    private int[] _edits;
    private int _used;

    /// <summary>No changes yet.</summary>
    /// <param name="table">The attributes as received.</param>
    /// <param name="nodeCount">Nodes of the chunk.</param>
    public SlotEdits(SlotTable table, int nodeCount)
    {
        Keys = table.Keys;
        _words = SlotTable.WordsOf(Keys);
        _bits = ArrayPool<ulong>.Shared.Rent(Math.Max(Groups * _words * nodeCount, 1));
        _parts = ArrayPool<Part>.Shared.Rent(Math.Max(nodeCount, 1));
        _slots = ArrayPool<byte>.Shared.Rent(EntriesFirst);
        _edits = ArrayPool<int>.Shared.Rent(EntriesFirst);
        Array.Clear(_parts, 0, nodeCount);
        for (var node = 0; node < nodeCount; node++)
        {
            var bits = _bits.AsSpan(Groups * _words * node, Groups * _words);
            table.Bits(node).CopyTo(bits);
            bits[_words..].Clear();
        }
    }

    /// <summary>The keys.</summary>
    public AttributeSlots.Table Keys { get; }

    /// <summary>Whether a node has an attribute.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Has(int node, int slot) => (_bits[Word(node, 0, slot)] >> slot & 1) != 0;

    /// <summary>The edit that set an attribute, where the node has it and it was set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(int node, int slot, out int edit)
    {
        if ((_bits[Word(node, 1, slot)] >> slot & 1) == 0)
        {
            edit = 0;
            return false;
        }

        edit = _edits[IndexOf(_parts[node], slot)];
        return true;
    }

    /// <summary>Whether a node does not have an attribute and never had it, so that there is no edit of it either.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsNew(int node, int slot) => ((_bits[Word(node, 0, slot)] | _bits[Word(node, 2, slot)]) >> slot & 1) == 0;

    /// <summary>The words of what a node has.</summary>
    public ReadOnlySpan<ulong> Bits(int node) => _bits.AsSpan(Groups * _words * node, _words);

    /// <summary>Follows a change: the value is now that of an edit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(int node, int slot, int edit)
    {
        ref var isSet = ref _bits[Word(node, 1, slot)];
        if ((isSet >> slot & 1) != 0)
        {
            _edits[IndexOf(_parts[node], slot)] = edit;
            return;
        }

        isSet |= 1UL << slot;
        _bits[Word(node, 0, slot)] |= 1UL << slot;
        Add(node, slot, edit);
    }

    /// <summary>Follows a change by key.</summary>
    public void Set(int node, ReadOnlySpan<byte> key, int edit)
    {
        var slot = Keys.Find(key);
        if (slot >= 0)
        {
            Set(node, slot, edit);
        }
    }

    /// <summary>Follows a removal.</summary>
    public void Remove(int node, int slot)
    {
        ref var isSet = ref _bits[Word(node, 1, slot)];
        if ((isSet >> slot & 1) != 0)
        {
            ref var part = ref _parts[node];
            var at = IndexOf(part, slot);
            var last = part.First + --part.Count;
            _slots[at] = _slots[last];
            _edits[at] = _edits[last];
            isSet &= ~(1UL << slot);
        }

        _bits[Word(node, 0, slot)] &= ~(1UL << slot);
        _bits[Word(node, 2, slot)] |= 1UL << slot;
    }

    /// <summary>Follows a removal by key.</summary>
    public void Remove(int node, ReadOnlySpan<byte> key)
    {
        var slot = Keys.Find(key);
        if (slot >= 0)
        {
            Remove(node, slot);
        }
    }

    /// <summary>The state of one node's attributes.</summary>
    public Row RowOf(int node)
    {
        var bits = _bits.AsSpan(Groups * _words * node, Groups * _words);
        return new Row(bits[.._words], bits.Slice(_words, _words), bits[(2 * _words)..]);
    }

    /// <summary>Returns the memory; must not be used any more.</summary>
    public void Release()
    {
        ArrayPool<ulong>.Shared.Return(_bits);
        ArrayPool<Part>.Shared.Return(_parts);
        ArrayPool<byte>.Shared.Return(_slots);
        ArrayPool<int>.Shared.Return(_edits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Word(int node, int group, int slot) => (((Groups * node) + group) * _words) + (slot / SlotMask.BitsPerWord);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int IndexOf(in Part part, int slot) => part.First + _slots.AsSpan(part.First, part.Count).IndexOf((byte)slot);

    // A node is mostly changed while no other is, so its entries are the last ones and go on at the end.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(int node, int slot, int edit)
    {
        ref var part = ref _parts[node];
        var at = part.First + part.Count;
        if (part.Count == part.Capacity)
        {
            at = MakeRoom(ref part);
        }

        part.Count++;
        _slots[at] = (byte)slot;
        _edits[at] = edit;
    }

    private int MakeRoom(ref Part part)
    {
        var isLast = part.First + part.Capacity == _used && part.Capacity > 0;
        var added = isLast ? 1 : Math.Max(2 * part.Count, 1);
        if (_used + added > Math.Min(_slots.Length, _edits.Length))
        {
            Grow(_used + added);
        }

        if (!isLast)
        {
            _slots.AsSpan(part.First, part.Count).CopyTo(_slots.AsSpan(_used));
            _edits.AsSpan(part.First, part.Count).CopyTo(_edits.AsSpan(_used));
            part.First = _used;
            part.Capacity = 0;
        }

        _used += added;
        part.Capacity += (ushort)added;
        return part.First + part.Count;
    }

    private void Grow(int needed)
    {
        var slots = ArrayPool<byte>.Shared.Rent(2 * needed);
        var edits = ArrayPool<int>.Shared.Rent(2 * needed);
        _slots.AsSpan(0, _used).CopyTo(slots);
        _edits.AsSpan(0, _used).CopyTo(edits);
        ArrayPool<byte>.Shared.Return(_slots);
        ArrayPool<int>.Shared.Return(_edits);
        _slots = slots;
        _edits = edits;
    }

    /// <summary>Where a node's entries are.</summary>
    private struct Part
    {
        public int First;
        public ushort Count;
        public ushort Capacity;
    }

    /// <summary>One node's part.</summary>
    internal readonly ref struct Row(ReadOnlySpan<ulong> has, ReadOnlySpan<ulong> isSet, ReadOnlySpan<ulong> removed)
    {
        public ReadOnlySpan<ulong> Has { get; } = has;

        public ReadOnlySpan<ulong> IsSet { get; } = isSet;

        public ReadOnlySpan<ulong> Removed { get; } = removed;

        /// <summary>Whether the node has an attribute as it was received.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool IsReceived(int slot) =>
            ((Has[slot / SlotMask.BitsPerWord] & ~IsSet[slot / SlotMask.BitsPerWord]) >> slot & 1) != 0;

        /// <inheritdoc cref="SlotEdits.IsNew"/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool IsNew(int slot) => ((Has[slot / SlotMask.BitsPerWord] | Removed[slot / SlotMask.BitsPerWord]) >> slot & 1) == 0;
    }
}
