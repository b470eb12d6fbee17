using System.Runtime.CompilerServices;
using TelemetryPipeline.Otlp.Indexing;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <content>
/// Changing attributes by slot: what the slots know to be missing is added without looking through the node for it.
/// </content>
public sealed partial class OtlpView
{
    /// <summary>Finds the registered attributes of all nodes, and the records of spans in the same pass: to be called before <see cref="Spans"/>.</summary>
    /// <param name="slots">The keys.</param>
    public void Resolve(AttributeSlots slots) => Resolved(slots);

    /// <summary>The registered attributes of a node, for a component that reads many.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The index of a resource, scope or item.</param>
    public SlotRow Row(AttributeSlots slots, int node) => new(this, Resolved(slots), node);

    /// <summary>The registered attributes of a node, for a component that reads and sets many.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The index of a resource, scope or item.</param>
    public SlotRow EditableRow(AttributeSlots slots, int node) => new(this, Owned(slots), node);

    /// <summary>Whether a node has any attribute of a set.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <param name="mask">The slots asked for.</param>
    public bool HasAny(AttributeSlots slots, int node, in SlotMask mask) => Resolved(slots).HasAny(node, mask);

    /// <summary>Whether a node has an attribute, where its value does not matter.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <param name="slot">The key's slot.</param>
    public bool Has(AttributeSlots slots, int node, int slot) => Resolved(slots).Has(node, slot);

    /// <summary>The registered attributes that a node has, for a component that asks for many.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <returns>As of now: later changes do not show in it.</returns>
    public SlotMask Present(AttributeSlots slots, int node) => Resolved(slots).Present(node);

    /// <summary>Sets an attribute to a text, adding it where it is missing.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <param name="slot">The key's slot.</param>
    /// <param name="text">The text in UTF-8.</param>
    public void SetText(AttributeSlots slots, int node, int slot, ReadOnlySpan<byte> text)
    {
        // Tag and length go beside the text, so that it is copied once.
        Span<byte> head = stackalloc byte[ScalarValueMax];
        head[0] = (byte)WireWriter.Tag((int)AnyValueKind.Text, WireType.LengthDelimited);
        SetEncoded(Owned(slots), node, slot, head[..(1 + WireWriter.WriteVarint(head[1..], (uint)text.Length))], text);
    }

    /// <summary>Sets an attribute to an integer, adding it where it is missing.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <param name="slot">The key's slot.</param>
    /// <param name="number">The value.</param>
    public void SetInt(AttributeSlots slots, int node, int slot, long number)
    {
        Span<byte> encoded = stackalloc byte[ScalarValueMax];
        encoded[0] = (byte)WireWriter.Tag((int)AnyValueKind.Int, WireType.Varint);
        SetEncoded(Owned(slots), node, slot, default, encoded[..(1 + WireWriter.WriteVarint(encoded[1..], (ulong)number))]);
    }

    /// <summary>Sets an attribute to a value of any type, adding it where it is missing.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <param name="slot">The key's slot.</param>
    /// <param name="value">The value; it may have been read in this view.</param>
    public void SetValue(AttributeSlots slots, int node, int slot, AnyValueView value) =>
        SetEncoded(Owned(slots), node, slot, default, value.Encoded);

    /// <summary>Removes an attribute, every occurrence of it.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The node's index.</param>
    /// <param name="slot">The key's slot.</param>
    /// <returns>False when the node had no such attribute.</returns>
    public bool RemoveAttribute(AttributeSlots slots, int node, int slot) => RemoveAttribute(Owned(slots), node, slot);

    /// <inheritdoc cref="RemoveAttribute(AttributeSlots, int, int)"/>
    internal bool RemoveAttribute(SlotTable table, int node, int slot)
    {
        MustOwn(table);
        if (!table.TryGet(node, slot, out var inArena, out _, out _))
        {
            return false;
        }

        var key = table.Keys.Keys[slot];
        var edit = EditOfPresent(table, node, slot, inArena, key);
        _overlay!.Clear(edit);
        table.Remove(node, slot);
        return true;
    }

    /// <inheritdoc cref="SlotRow.CopyTexts"/>
    internal ulong CopyTexts(SlotTable table, int node, ReadOnlySpan<SlotCopy> copies)
    {
        MustOwn(table);
        return Overlay().AddCopies(node, table, AttributeFieldOf(node, default), _chunk.Bytes, copies);
    }

    /// <summary>The bytes of a value that a slot table knows the place of.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ReadOnlySpan<byte> Encoded(bool inArena, int offset, int length) =>
        inArena ? _overlay!.Arena(offset, length) : _chunk.Bytes.Slice(offset, length);

    /// <summary>Sets an attribute to an encoded value, which comes in two parts.</summary>
    internal void SetEncoded(SlotTable table, int node, int slot, ReadOnlySpan<byte> head, ReadOnlySpan<byte> content)
    {
        MustOwn(table);
        var key = table.Keys.Keys[slot];
        var field = AttributeFieldOf(node, key);
        if (table.IsNew(node, slot))
        {
            var added = Overlay().AddAttribute(node, table.Keys, slot, field, head, content, out var valueOffset);
            table.Set(node, slot, added, valueOffset, head.Length + content.Length);
            return;
        }

        var edit = table.TryGet(node, slot, out var inArena, out _, out _)
            ? EditOfPresent(table, node, slot, inArena, key)
            : EditOf(node, key, add: true);
        _overlay!.SetAttribute(edit, field, head, content);
        _overlay.TryGetValue(edit, out var offset, out var length);
        table.Set(node, slot, edit, offset, length);
    }

    private SlotTable Owned(AttributeSlots slots)
    {
        Resolved(slots);
        OwnSlots();
        return _slots!;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void MustOwn(SlotTable table)
    {
        if (_slotsAreShared || table != _slots)
        {
            throw new InvalidOperationException("a row that was asked for to read cannot be changed, nor one from before keys were registered");
        }
    }

    /// <summary>The edit of an attribute that is there; a new one begins where the slots know its field to begin.</summary>
    private int EditOfPresent(SlotTable table, int node, int slot, bool inArena, byte[] key)
    {
        if (inArena)
        {
            HasChanges = true;
            return table.EditOf(node, slot);
        }

        if (table.HasDuplicates)
        {
            return EditOf(node, key, add: true);
        }

        var start = table.FieldOffset(node, slot);
        var fields = new WireReader(_chunk.Bytes, start, Nodes[node].End - start);
        fields.Next();
        return Overlay().AddEdit(node, start, fields.Position - start, key);
    }
}
