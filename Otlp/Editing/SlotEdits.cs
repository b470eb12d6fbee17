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
    private readonly ulong[] _bits;
    private readonly SlotEdit[] _edits;
    private readonly int _slotCount;
    private readonly int _words;

    /// <summary>No changes yet.</summary>
    /// <param name="table">The attributes as received.</param>
    /// <param name="nodeCount">Nodes of the chunk.</param>
    public SlotEdits(SlotTable table, int nodeCount)
    {
        Keys = table.Keys;
        _slotCount = Keys.Keys.Length;
        _words = SlotTable.WordsOf(Keys);
        _bits = ArrayPool<ulong>.Shared.Rent(Math.Max(Groups * _words * nodeCount, 1));
        _edits = ArrayPool<SlotEdit>.Shared.Rent(Math.Max(_slotCount * nodeCount, 1));
        for (var node = 0; node < nodeCount; node++)
        {
            var row = RowOf(node);
            table.Bits(node).CopyTo(row.Has);
            row.IsSet.Clear();
            row.Removed.Clear();
        }
    }

    /// <summary>The keys.</summary>
    public AttributeSlots.Table Keys { get; }

    /// <summary>Whether a node has an attribute.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Has(int node, int slot) => (_bits[Word(node, 0, slot)] >> slot & 1) != 0;

    /// <summary>Whether an attribute's value, where the node has it, is in the arena.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(int node, int slot, out SlotEdit edit)
    {
        if ((_bits[Word(node, 1, slot)] >> slot & 1) == 0)
        {
            edit = default;
            return false;
        }

        edit = _edits[(node * _slotCount) + slot];
        return true;
    }

    /// <summary>Whether a node does not have an attribute and never had it, so that there is no edit of it either.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsNew(int node, int slot) => ((_bits[Word(node, 0, slot)] | _bits[Word(node, 2, slot)]) >> slot & 1) == 0;

    /// <summary>The words of what a node has.</summary>
    public ReadOnlySpan<ulong> Bits(int node) => _bits.AsSpan(Groups * _words * node, _words);

    /// <summary>Follows a change: the value is now in the arena.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(int node, int slot, int edit, int arenaOffset, int length) => RowOf(node).Set(slot, edit, arenaOffset, length);

    /// <summary>Follows a change by key.</summary>
    public void Set(int node, ReadOnlySpan<byte> key, int edit, int arenaOffset, int length)
    {
        var slot = Keys.Find(key);
        if (slot >= 0)
        {
            Set(node, slot, edit, arenaOffset, length);
        }
    }

    /// <summary>Follows a removal.</summary>
    public void Remove(int node, int slot)
    {
        _bits[Word(node, 0, slot)] &= ~(1UL << slot);
        _bits[Word(node, 1, slot)] &= ~(1UL << slot);
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

    /// <summary>The changes of one node, for who makes many.</summary>
    public Row RowOf(int node)
    {
        var bits = _bits.AsSpan(Groups * _words * node, Groups * _words);
        return new Row(_edits.AsSpan(node * _slotCount, _slotCount), bits[.._words], bits.Slice(_words, _words), bits[(2 * _words)..]);
    }

    /// <summary>Returns the memory; must not be used any more.</summary>
    public void Release()
    {
        ArrayPool<ulong>.Shared.Return(_bits);
        ArrayPool<SlotEdit>.Shared.Return(_edits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Word(int node, int group, int slot) => (((Groups * node) + group) * _words) + (slot / SlotMask.BitsPerWord);

    /// <summary>Where a value is that was set.</summary>
    /// <param name="Edit">The overlay's edit.</param>
    /// <param name="ArenaOffset">Where the encoded value begins.</param>
    /// <param name="Length">Its length in bytes.</param>
    internal readonly record struct SlotEdit(int Edit, int ArenaOffset, int Length);

    /// <summary>One node's part.</summary>
    internal readonly ref struct Row(Span<SlotEdit> edits, Span<ulong> has, Span<ulong> isSet, Span<ulong> removed)
    {
        private readonly Span<SlotEdit> _edits = edits;

        public Span<ulong> Has { get; } = has;

        public Span<ulong> IsSet { get; } = isSet;

        public Span<ulong> Removed { get; } = removed;

        /// <summary>Where the value of a slot is that was set.</summary>
        public SlotEdit this[int slot] => _edits[slot];

        /// <summary>Whether the node has an attribute as it was received.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool IsReceived(int slot) =>
            ((Has[slot / SlotMask.BitsPerWord] & ~IsSet[slot / SlotMask.BitsPerWord]) >> slot & 1) != 0;

        /// <inheritdoc cref="SlotEdits.IsNew"/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool IsNew(int slot) => ((Has[slot / SlotMask.BitsPerWord] | Removed[slot / SlotMask.BitsPerWord]) >> slot & 1) == 0;

        /// <inheritdoc cref="SlotEdits.Set(int, int, int, int, int)"/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Set(int slot, int edit, int arenaOffset, int length)
        {
            _edits[slot] = new SlotEdit(edit, arenaOffset, length);
            Has[slot / SlotMask.BitsPerWord] |= 1UL << slot;
            IsSet[slot / SlotMask.BitsPerWord] |= 1UL << slot;
        }
    }
}
