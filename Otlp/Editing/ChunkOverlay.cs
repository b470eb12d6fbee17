using System.Buffers;
using System.Runtime.InteropServices;
using TelemetryPipeline.Otlp.Indexing;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Editing;

/// <summary>
/// The changes to one chunk: for each changed node a list of edits, each replacing a range of the chunk's bytes (or
/// none, for what is added) by a range of the arena (or none, for what is removed).
/// </summary>
/// <remarks>
/// Invariants: a node's edits are ordered by the bytes they replace, added ones last; ranges of a node do not overlap,
/// since each is one whole field. Edits and nodes are addressed by index; edit 0 means none.
/// </remarks>
internal sealed class ChunkOverlay
{
    /// <summary>The base offset of an edit that adds a field instead of replacing one.</summary>
    public const int Added = int.MaxValue;

    private const int InitialArena = 1024;
    private const int InitialEdits = 32;
    private readonly int[] _heads;
    private readonly int[] _liveChild;
    private readonly bool[] _dropped;
    private byte[] _arena = ArrayPool<byte>.Shared.Rent(InitialArena);
    private Edit[] _edits = ArrayPool<Edit>.Shared.Rent(InitialEdits);

    // Kept until the release: a caller may be copying a value from one attribute to another while the arena grows.
    private List<byte[]>? _outgrown;
    private int _arenaUsed;
    private int _editCount = 1;
    private int _lastNode = -1;
    private int _lastEdit;

    public ChunkOverlay(int nodeCount)
    {
        _heads = ArrayPool<int>.Shared.Rent(nodeCount);
        _dropped = ArrayPool<bool>.Shared.Rent(nodeCount);
        _liveChild = ArrayPool<int>.Shared.Rent(nodeCount);
        Array.Clear(_heads, 0, nodeCount);
        Array.Clear(_liveChild, 0, nodeCount);
        Array.Clear(_dropped, 0, nodeCount);
    }

    /// <summary>Items dropped.</summary>
    public int DroppedItems { get; private set; }

    /// <summary>First edit of a node, 0 for none.</summary>
    public int FirstEdit(int node) => _heads[node];

    public int NextEdit(int edit) => _edits[edit].Next;

    public bool IsDropped(int node) => _dropped[node];

    /// <summary>The bytes that take the place of an edit's range; empty for a removal.</summary>
    public ReadOnlySpan<byte> Replacement(int edit) => _arena.AsSpan(_edits[edit].FieldOffset, _edits[edit].FieldLength);

    /// <summary>The bytes of an edit, and of those after it that add what follows it in the arena.</summary>
    /// <param name="edit">The edit; then the first that is not in the bytes.</param>
    public ReadOnlySpan<byte> ReplacementRun(ref int edit)
    {
        ref readonly var first = ref _edits[edit];
        var end = first.FieldOffset + first.FieldLength;
        edit = first.Next;
        while (first.BaseOffset == Added && edit != 0 && _edits[edit].FieldOffset == end && _edits[edit].FieldLength > 0)
        {
            end += _edits[edit].FieldLength;
            edit = _edits[edit].Next;
        }

        return _arena.AsSpan(first.FieldOffset, end - first.FieldOffset);
    }

    public int BaseOffset(int edit) => _edits[edit].BaseOffset;

    public int BaseLength(int edit) => _edits[edit].BaseLength;

    public bool Replaces(int edit, int baseOffset) => _edits[edit].BaseOffset == baseOffset;

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

    /// <summary>The edit of an attribute, 0 for none.</summary>
    public int Find(int node, ReadOnlySpan<byte> key)
    {
        var edit = _heads[node];
        while (edit != 0)
        {
            ref readonly var it = ref _edits[edit];
            if (it.KeyLength == key.Length && key.SequenceEqual(_arena.AsSpan(it.KeyOffset, it.KeyLength)))
            {
                return edit;
            }

            edit = it.Next;
        }

        return 0;
    }

    /// <summary>The edit of a field that is no attribute, 0 for none.</summary>
    public int FindField(int node, int field)
    {
        var edit = _heads[node];
        while (edit != 0 && _edits[edit].KeyLength != -field)
        {
            edit = _edits[edit].Next;
        }

        return edit;
    }

    /// <summary>The edit that replaces the field at an offset, 0 for none.</summary>
    public int FindAt(int node, int baseOffset)
    {
        var edit = SkipTo(_heads[node], baseOffset);
        return edit != 0 && _edits[edit].BaseOffset == baseOffset ? edit : 0;
    }

    /// <summary>Begins a new edit of an attribute: a removal until <see cref="SetAttribute"/> gives it content.</summary>
    public int AddEdit(int node, int baseOffset, int baseLength, ReadOnlySpan<byte> key)
    {
        var keyOffset = _arenaUsed;
        key.CopyTo(Reserve(key.Length));
        return Link(
            node,
            new Edit { BaseOffset = baseOffset, BaseLength = baseLength, KeyOffset = keyOffset, KeyLength = key.Length });
    }

    /// <summary>Adds an attribute that the node does not have, and that no edit is about: the short way.</summary>
    /// <returns>The edit.</returns>
    public int AddAttribute(int node, ReadOnlySpan<byte> key, int field, ReadOnlySpan<byte> value)
    {
        var edit = Link(node, new Edit { BaseOffset = Added, KeyLength = key.Length });
        Encode(ref _edits[edit], key, field, value);
        return edit;
    }

    /// <summary>Begins a new edit of a field that is no attribute.</summary>
    public int AddFieldEdit(int node, int baseOffset, int baseLength, int field) =>
        Link(node, new Edit { BaseOffset = baseOffset, BaseLength = baseLength, KeyLength = -field });

    /// <summary>Removes a range of bytes for good; no key finds the edit again.</summary>
    public void RemoveRange(int node, int baseOffset, int baseLength) =>
        Link(node, new Edit { BaseOffset = baseOffset, BaseLength = baseLength, KeyLength = int.MinValue });

    /// <summary>Gives an edit its content: an attribute of the edit's key with a value.</summary>
    /// <param name="edit">The edit.</param>
    /// <param name="field">Field number of attributes in the node.</param>
    /// <param name="value">The encoded value, which may lie in the arena.</param>
    public void SetAttribute(int edit, int field, ReadOnlySpan<byte> value)
    {
        ref var it = ref _edits[edit];
        Encode(ref it, _arena.AsSpan(it.KeyOffset, it.KeyLength), field, value);
    }

    /// <summary>Gives an edit its content: a length-delimited field.</summary>
    public void SetField(int edit, int field, ReadOnlySpan<byte> content)
    {
        var start = _arenaUsed;
        var target = Reserve(WireWriter.FieldSize(content.Length));
        var at = Header(target, field, content.Length);
        content.CopyTo(target[at..]);
        ref var it = ref _edits[edit];
        it.Cleared = false;
        it.FieldOffset = start;
        it.FieldLength = at + content.Length;
        it.ValueOffset = start + at;
    }

    /// <summary>Turns an edit into a removal.</summary>
    public void Clear(int edit)
    {
        _edits[edit].FieldLength = 0;
        _edits[edit].Cleared = true;
    }

    /// <summary>Whether <see cref="Clear"/> was called since the edit last had content.</summary>
    public bool WasCleared(int edit) => _edits[edit].Cleared;

    /// <summary>Brings a table of resolved slots up to date with the changes.</summary>
    public void CopyTo(SlotTable slots, ReadOnlySpan<OtlpNode> nodes)
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
                if (TryGetValue(edit, out var offset, out var length))
                {
                    slots.Set(node, key, offset, length);
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
                DroppedItems += nodes[i].Kind == OtlpNodeKind.Item ? 1 : 0;
            }
        }
    }

    /// <summary>Returns the memory; the overlay must not be used any more.</summary>
    public void Release()
    {
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

    private static int Header(Span<byte> target, int field, int length)
    {
        target[0] = (byte)WireWriter.Tag(field, WireType.LengthDelimited);
        return 1 + WireWriter.WriteVarint(target[1..], (uint)length);
    }

    private void Encode(ref Edit it, ReadOnlySpan<byte> key, int field, ReadOnlySpan<byte> value)
    {
        var pairLength = WireWriter.FieldSize(key.Length) + WireWriter.FieldSize(value.Length);
        var start = _arenaUsed;
        var target = Reserve(WireWriter.FieldSize(pairLength));
        var at = Header(target, field, pairLength);
        it.PairOffset = start + at;
        at += Header(target[at..], 1, key.Length);
        key.CopyTo(target[at..]);
        it.KeyOffset = start + at;
        at += key.Length;
        at += Header(target[at..], 2, value.Length);
        value.CopyTo(target[at..]);
        it.Cleared = false;
        it.FieldOffset = start;
        it.FieldLength = at + value.Length;
        it.ValueOffset = start + at;
    }

    private int Link(int node, Edit edit)
    {
        if (_editCount == _edits.Length)
        {
            var larger = ArrayPool<Edit>.Shared.Rent(_editCount * 2);
            Array.Copy(_edits, larger, _editCount);
            ArrayPool<Edit>.Shared.Return(_edits);
            _edits = larger;
        }

        var index = _editCount++;
        _edits[index] = edit;

        // Most edits are added to the end of the node that the last one was added to.
        if (node == _lastNode && edit.BaseOffset == Added && _edits[_lastEdit] is { BaseOffset: Added, Next: 0 })
        {
            _edits[_lastEdit].Next = index;
            _lastEdit = index;
            return index;
        }

        _lastNode = node;
        _lastEdit = index;
        ref var link = ref _heads[node];
        while (link != 0 && _edits[link].BaseOffset <= edit.BaseOffset)
        {
            link = ref _edits[link].Next;
        }

        _edits[index].Next = link;
        link = index;
        return index;
    }

    private Span<byte> Reserve(int length)
    {
        if (_arena.Length - _arenaUsed < length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_arena.Length * 2, checked(_arenaUsed + length)));
            Array.Copy(_arena, larger, _arenaUsed);
            (_outgrown ??= []).Add(_arena);
            _arena = larger;
        }

        var reserved = _arena.AsSpan(_arenaUsed, length);
        _arenaUsed += length;
        return reserved;
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
