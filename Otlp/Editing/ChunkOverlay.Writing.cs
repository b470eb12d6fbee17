using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Editing;

/// <content>Making edits and giving them content.</content>
internal sealed partial class ChunkOverlay
{
    // A value that leaves every length of its attribute below 128, whatever the key.
    private const int ShortValueMax = 80;
    private const int ShortFieldMax = AttributeSlots.Table.HeadBytesMax + ShortValueMax + 3;

    /// <summary>Begins a new edit of an attribute: a removal until <see cref="SetAttribute"/> gives it content.</summary>
    public int AddEdit(int node, int baseOffset, int baseLength, ReadOnlySpan<byte> key)
    {
        var keyOffset = _arenaUsed;
        key.CopyTo(Reserve(key.Length));
        Link(node, baseOffset, baseLength, key.Length).KeyOffset = keyOffset;
        WideOf(node)?.Name(_editCount - 1);
        return _editCount - 1;
    }

    /// <summary>Adds an attribute that the node does not have, and that no edit is about: the short way.</summary>
    /// <param name="node">The node.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="slot">The attribute's slot.</param>
    /// <param name="field">Field number of attributes in the node.</param>
    /// <param name="head">The encoded value, first part.</param>
    /// <param name="content">The encoded value, second part.</param>
    /// <returns>The edit.</returns>
    public int AddAttribute(
        int node, AttributeSlots.Table keys, int slot, int field, ReadOnlySpan<byte> head, ReadOnlySpan<byte> content)
    {
        ref var it = ref Link(node, Added, 0, keys.Keys[slot].Length);
        var pairHead = keys.Head(slot, out var pairHeadLength);
        var valueLength = head.Length + content.Length;
        if (pairHeadLength == 0 || valueLength > ShortValueMax)
        {
            Encode(ref it, keys.Keys[slot], field, head, content);
            WideOf(node)?.Name(_editCount - 1);
            return _editCount - 1;
        }

        // Every length is one byte, so that every place is known beforehand; what is copied too far is written over.
        var start = _arenaUsed;
        var target = Reserve(ShortFieldMax);
        target[0] = (byte)WireWriter.Tag(field, WireType.LengthDelimited);
        target[1] = (byte)(pairHeadLength + 1 + valueLength);
        Vector128.Create(pairHead).CopyTo(target[2..]);
        Vector128.Create(pairHead[Vector128<byte>.Count..]).CopyTo(target[(2 + Vector128<byte>.Count)..]);
        var at = pairHeadLength + 2;
        target[at++] = (byte)valueLength;
        it.FieldOffset = start;
        it.PairOffset = start + 2;
        it.KeyOffset = start + 4;
        it.ValueOffset = start + at;
        it.FieldLength = at + valueLength;
        foreach (var b in head)
        {
            target[at++] = b;
        }

        content.CopyTo(target[at..]);
        _arenaUsed = start + it.FieldLength;
        WideOf(node)?.Name(_editCount - 1);
        return _editCount - 1;
    }

    /// <summary>Begins a new edit of a field that is no attribute.</summary>
    public int AddFieldEdit(int node, int baseOffset, int baseLength, int field)
    {
        HasOtherThanAttributes = true;
        Link(node, baseOffset, baseLength, -field);
        return _editCount - 1;
    }

    /// <summary>Removes a range of bytes for good; no key finds the edit again.</summary>
    public void RemoveRange(int node, int baseOffset, int baseLength) =>
        Link(node, baseOffset, baseLength, int.MinValue);

    /// <summary>Gives an edit its content: an attribute of the edit's key with a value.</summary>
    /// <param name="edit">The edit.</param>
    /// <param name="field">Field number of attributes in the node.</param>
    /// <param name="head">The encoded value, first part.</param>
    /// <param name="content">The encoded value, second part, which may lie in the arena.</param>
    public void SetAttribute(int edit, int field, ReadOnlySpan<byte> head, ReadOnlySpan<byte> content)
    {
        ref var it = ref _edits[edit];
        Encode(ref it, _arena.AsSpan(it.KeyOffset, it.KeyLength), field, head, content);
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

    private static int Header(Span<byte> target, int field, int length)
    {
        target[0] = (byte)WireWriter.Tag(field, WireType.LengthDelimited);
        if (length < 0x80)
        {
            target[1] = (byte)length;
            return 2;
        }

        return 1 + WireWriter.WriteVarint(target[1..], (uint)length);
    }

    private void Encode(ref Edit it, ReadOnlySpan<byte> key, int field, ReadOnlySpan<byte> head, ReadOnlySpan<byte> content)
    {
        var valueLength = head.Length + content.Length;
        var pairLength = WireWriter.FieldSize(key.Length) + WireWriter.FieldSize(valueLength);
        var start = _arenaUsed;
        var target = Reserve(WireWriter.FieldSize(pairLength));
        var at = Header(target, field, pairLength);
        it.PairOffset = start + at;
        at += Header(target[at..], 1, key.Length);
        key.CopyTo(target[at..]);
        it.KeyOffset = start + at;
        at += key.Length;
        at += Header(target[at..], 2, valueLength);
        it.ValueOffset = start + at;
        foreach (var b in head)
        {
            target[at++] = b;
        }

        content.CopyTo(target[at..]);
        it.Cleared = false;
        it.FieldOffset = start;
        it.FieldLength = at + content.Length;
    }

    /// <summary>A new edit, the last one made, in the list of its node: a removal until it gets content.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Edit Link(int node, int baseOffset, int baseLength, int keyLength)
    {
        if (_editCount == _edits.Length)
        {
            GrowEdits();
        }

        var index = _editCount++;
        ref var edit = ref _edits[index];
        edit = default;
        edit.BaseOffset = baseOffset;
        edit.BaseLength = baseLength;
        edit.KeyLength = keyLength;
        if (baseOffset == Added && node == _lastNode)
        {
            // Most edits are added to the end of the node that the last one was added to.
            _edits[_lastAdded].Next = index;
            _lastAdded = index;
            if (WideOf(node) is { } wide)
            {
                wide.Last = index;
            }

            return ref edit;
        }

        Insert(node, index);
        return ref edit;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Reserve(int length)
    {
        if (_arena.Length - _arenaUsed < length)
        {
            GrowArena(length);
        }

        var reserved = _arena.AsSpan(_arenaUsed, length);
        _arenaUsed += length;
        return reserved;
    }

    private void GrowEdits()
    {
        var count = _editCount * GrowthOf((long)_editCount * Unsafe.SizeOf<Edit>());
        TakeMemory((long)count * Unsafe.SizeOf<Edit>());
        var larger = ArrayPool<Edit>.Shared.Rent(count);
        Array.Copy(_edits, larger, _editCount);
        ArrayPool<Edit>.Shared.Return(_edits);
        _edits = larger;
    }

    private void GrowArena(int length)
    {
        var needed = Math.Max((long)_arena.Length * GrowthOf(_arena.Length), (long)_arenaUsed + length);
        TakeMemory(needed);
        var larger = ArrayPool<byte>.Shared.Rent((int)needed);
        Array.Copy(_arena, larger, _arenaUsed);
        (_outgrown ??= []).Add(_arena);
        _arena = larger;
    }

    private static int GrowthOf(long bytes)
    {
        const long LargeBytes = 1 << 20;
        return bytes < LargeBytes ? 4 : 2;
    }

    // What was outgrown counts as long as the changes live: the pool does not give it back to anybody at once.
    private void TakeMemory(long bytes)
    {
        if (_takenBytes + bytes > _limitBytes)
        {
            throw new WorkingMemoryException(canRetry: false);
        }

        if (!WorkingMemory.Process.TryTake(bytes))
        {
            throw new WorkingMemoryException(canRetry: true);
        }

        _takenBytes += bytes;
    }
}
