using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TelemetryPipeline.Otlp.Indexing;

namespace TelemetryPipeline.Otlp.Editing;

/// <summary>
/// The changes to one chunk: for each changed node a list of edits, each replacing a range of the chunk's bytes (or
/// none, for what is added) by a range of the arena (or none, for what is removed).
/// </summary>
/// <remarks>
/// Invariants: a node's edits are ordered by the bytes they replace, added ones last; ranges of a node do not overlap,
/// since each is one whole field. Edits and nodes are addressed by index; edit 0 means none.
/// </remarks>
internal sealed partial class ChunkOverlay
{
    /// <summary>The base offset of an edit that adds a field instead of replacing one.</summary>
    public const int Added = int.MaxValue;

    // For each node, as a start: what is changed at all is mostly changed in many nodes, and growing copies. But no more
    // than a request of ordinary spans has reason to ask for: nodes may be as short as two bytes.
    private const int ArenaPerNode = 64;
    private const int EditsPerNode = 2;
    private const int BytesPerEdit = 16;
    private readonly OtlpChunk _chunk;
    private readonly ChunkIndex _index;
    private readonly long _limitBytes;
    private readonly int[] _heads;
    private readonly int[] _liveChild;
    private readonly bool[] _dropped;
    private byte[] _arena;
    private Edit[] _edits;

    // Kept until the release: a caller may be copying a value from one attribute to another while the arena grows.
    private List<byte[]>? _outgrown;
    private int _arenaUsed;
    private int _editCount = 1;

    // The node that something was added to last, and the edit that did it: always the last of the node's.
    private int _lastNode = -1;
    private int _lastAdded;

    private long _takenBytes;

    /// <param name="chunk">The chunk.</param>
    /// <param name="index">Its nodes.</param>
    /// <exception cref="WorkingMemoryException">There is no memory for changes.</exception>
    public ChunkOverlay(OtlpChunk chunk, ChunkIndex index)
    {
        _chunk = chunk;
        _index = index;
        _limitBytes = WorkingMemory.ChangesLimit(chunk.Length);
        var nodeCount = index.Nodes.Length;
        var arenaLength = ShortFieldMax + Math.Min(nodeCount * ArenaPerNode, chunk.Length + ArenaPerNode);
        var editCount = 1 + Math.Min(nodeCount * EditsPerNode, (chunk.Length / BytesPerEdit) + EditsPerNode);
        TakeMemory(arenaLength + ((long)editCount * Unsafe.SizeOf<Edit>()));
        _arena = ArrayPool<byte>.Shared.Rent(arenaLength);
        _edits = ArrayPool<Edit>.Shared.Rent(editCount);
        _heads = ArrayPool<int>.Shared.Rent(nodeCount);
        _dropped = ArrayPool<bool>.Shared.Rent(nodeCount);
        _liveChild = ArrayPool<int>.Shared.Rent(nodeCount);
        Array.Clear(_heads, 0, nodeCount);
        Array.Clear(_liveChild, 0, nodeCount);
        Array.Clear(_dropped, 0, nodeCount);
    }

    /// <summary>Whether fields were changed that are no attributes, or nodes dropped.</summary>
    public bool HasOtherThanAttributes { get; private set; }

    /// <summary>Edits made, and the one that is none: all indices are below.</summary>
    public int EditCount => _editCount;

    /// <summary>Bytes taken of <see cref="WorkingMemory"/>.</summary>
    public long TakenBytes => _takenBytes;

    /// <summary>Items dropped.</summary>
    public int DroppedItems { get; private set; }

    /// <summary>First edit of a node, 0 for none.</summary>
    public int FirstEdit(int node) => _heads[node];

    public int NextEdit(int edit) => _edits[edit].Next;

    public bool IsDropped(int node) => _dropped[node];

    /// <summary>The bytes of an edit, and of those after it that add what follows it in the arena.</summary>
    /// <param name="edit">The edit; then the first that is not in the bytes.</param>
    /// <param name="fieldOffsets">Gets where the field of each of those edits is.</param>
    /// <param name="target">Where the bytes will be.</param>
    public ReadOnlySpan<byte> ReplacementRun(ref int edit, Span<int> fieldOffsets, int target)
    {
        ref readonly var first = ref _edits[edit];
        var end = first.FieldOffset + first.FieldLength;
        if (fieldOffsets.Length > 0)
        {
            fieldOffsets[edit] = target;
        }

        edit = first.Next;
        while (first.BaseOffset == Added && edit != 0 && _edits[edit].FieldOffset == end && _edits[edit].FieldLength > 0)
        {
            if (fieldOffsets.Length > 0)
            {
                fieldOffsets[edit] = target + end - first.FieldOffset;
            }

            end += _edits[edit].FieldLength;
            edit = _edits[edit].Next;
        }

        return _arena.AsSpan(first.FieldOffset, end - first.FieldOffset);
    }

    public int BaseOffset(int edit) => _edits[edit].BaseOffset;

    public int BaseLength(int edit) => _edits[edit].BaseLength;

    /// <summary>How far into its field the value of an attribute's edit begins.</summary>
    public int ValueInField(int edit) => _edits[edit].ValueOffset - _edits[edit].FieldOffset;

    public bool Replaces(int edit, int baseOffset) => _edits[edit].BaseOffset == baseOffset;

    /// <summary>By how many bytes an edit makes its node longer.</summary>
    public int Growth(int edit) => _edits[edit].FieldLength - _edits[edit].BaseLength;

    /// <summary>The first edit from the given one on that concerns bytes at or after an offset.</summary>
    public int SkipTo(int edit, int baseOffset)
    {
        while (edit != 0 && _edits[edit].BaseOffset < baseOffset)
        {
            edit = _edits[edit].Next;
        }

        return edit;
    }

    /// <summary>The encoded key-value pair that an edit puts in place; false for removals and for edits of other fields.</summary>
    public bool TryGetAttribute(int edit, out ReadOnlySpan<byte> encoded)
    {
        ref readonly var it = ref _edits[edit];
        var present = it.FieldLength > 0 && it.KeyLength >= 0;
        encoded = present ? _arena.AsSpan(it.PairOffset, it.FieldOffset + it.FieldLength - it.PairOffset) : default;
        return present;
    }

    /// <summary>The encoded value that an edit puts in place; false for a removal.</summary>
    public bool TryGetValue(int edit, out int offset, out int length)
    {
        ref readonly var it = ref _edits[edit];
        offset = it.ValueOffset;
        length = it.FieldOffset + it.FieldLength - it.ValueOffset;
        return it.FieldLength > 0;
    }

    /// <summary>Bytes of the arena.</summary>
    public ReadOnlySpan<byte> Arena(int offset, int length) => _arena.AsSpan(offset, length);

    /// <summary>Brings a table of resolved slots up to date with the changes.</summary>
    public void CopyTo(SlotEdits slots, ReadOnlySpan<OtlpNode> nodes)
    {
        for (var node = 0; node < nodes.Length; node++)
        {
            for (var edit = _heads[node]; edit != 0; edit = _edits[edit].Next)
            {
                ref readonly var it = ref _edits[edit];
                if (it.KeyLength < 0)
                {
                    continue;
                }

                var key = _arena.AsSpan(it.KeyOffset, it.KeyLength);
                if (it.FieldLength > 0)
                {
                    slots.Set(node, key, edit);
                }
                else
                {
                    slots.Remove(node, key);
                }
            }
        }
    }

    /// <summary>Whether something of what a node holds, other than its resource or scope, is not dropped.</summary>
    /// <remarks>Looks from where the last call found something: dropping all of n items one by one takes n steps.</remarks>
    public bool HasLiveChild(int node, ReadOnlySpan<OtlpNode> nodes)
    {
        var child = Math.Max(_liveChild[node], node + 1);
        while (child < nodes[node].Next
            && (_dropped[child] || nodes[child].Kind is OtlpNodeKind.Resource or OtlpNodeKind.Scope))
        {
            child = nodes[child].Next;
        }

        _liveChild[node] = child;
        return child < nodes[node].Next;
    }

    /// <summary>Marks a node and all inside it as dropped.</summary>
    public void Drop(int node, ReadOnlySpan<OtlpNode> nodes)
    {
        for (var i = node; i < nodes[node].Next; i++)
        {
            if (!_dropped[i])
            {
                _dropped[i] = true;
                HasOtherThanAttributes = true;
                DroppedItems += nodes[i].Kind == OtlpNodeKind.Item ? 1 : 0;
            }
        }
    }

    /// <summary>Returns the memory; the overlay must not be used any more.</summary>
    public void Release()
    {
        WorkingMemory.Process.Return(_takenBytes);
        _takenBytes = 0;
        ArrayPool<int>.Shared.Return(_heads);
        ArrayPool<int>.Shared.Return(_liveChild);
        ArrayPool<bool>.Shared.Return(_dropped);
        ArrayPool<byte>.Shared.Return(_arena);
        ArrayPool<Edit>.Shared.Return(_edits);
        foreach (var arena in _outgrown ?? [])
        {
            ArrayPool<byte>.Shared.Return(arena);
        }
    }

    /// <summary>Offsets whose names begin with Base are positions in the chunk, the others in the arena.</summary>
    [StructLayout(LayoutKind.Auto)]
    private struct Edit
    {
        public int Next;
        public int BaseOffset;
        public int BaseLength;
        public int FieldOffset;
        public int FieldLength;
        public int PairOffset;
        public int ValueOffset;
        public int KeyOffset;

        /// <summary>Length of the attribute's key; negative for other fields, minus the field's number.</summary>
        public int KeyLength;

        public bool Cleared;
    }
}
