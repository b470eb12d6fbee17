using System.Runtime.CompilerServices;
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

    /// <summary>The registered attributes of a node, for a component that reads or sets many.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The index of a resource, scope or item.</param>
    public SlotRow Row(AttributeSlots slots, int node)
    {
        Resolved(slots);
        return new SlotRow(this, node);
    }

    /// <summary>Whether a node has any attribute of a set.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <param name="mask">The slots asked for.</param>
    public bool HasAny(AttributeSlots slots, int node, in SlotMask mask) => Row(slots, node).HasAny(mask);

    /// <summary>Whether a node has an attribute, where its value does not matter.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <param name="slot">The key's slot.</param>
    public bool Has(AttributeSlots slots, int node, int slot) => Row(slots, node).Has(slot);

    /// <summary>The registered attributes that a node has, for a component that asks for many.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <returns>As of now: later changes do not show in it.</returns>
    public SlotMask Present(AttributeSlots slots, int node) => Row(slots, node).Present;

    /// <summary>Sets an attribute to a text, adding it where it is missing.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <param name="slot">The key's slot.</param>
    /// <param name="text">The text in UTF-8.</param>
    public void SetText(AttributeSlots slots, int node, int slot, ReadOnlySpan<byte> text) => Row(slots, node).SetText(slot, text);

    /// <summary>Sets an attribute to an integer, adding it where it is missing.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <param name="slot">The key's slot.</param>
    /// <param name="number">The value.</param>
    public void SetInt(AttributeSlots slots, int node, int slot, long number) => Row(slots, node).SetInt(slot, number);

    /// <summary>Sets an attribute to a value of any type, adding it where it is missing.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <param name="slot">The key's slot.</param>
    /// <param name="value">The value; it may have been read in this view.</param>
    public void SetValue(AttributeSlots slots, int node, int slot, AnyValueView value) => Row(slots, node).SetEncoded(slot, value.Encoded);

    /// <summary>Removes an attribute, every occurrence of it.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The node's index.</param>
    /// <param name="slot">The key's slot.</param>
    /// <returns>False when the node had no such attribute.</returns>
    public bool RemoveAttribute(AttributeSlots slots, int node, int slot) => Row(slots, node).Remove(slot);

    /// <summary>The words of the registered attributes that a node has.</summary>
    internal ReadOnlySpan<ulong> PresentBits(int node) => _slotEdits is null ? _slots!.Bits(node) : _slotEdits.Bits(node);

    /// <inheritdoc cref="SlotRow.Has"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool HasSlot(int node, int slot) => _slotEdits is null ? _slots!.Has(node, slot) : _slotEdits.Has(node, slot);

    /// <summary>The encoded value of a registered attribute.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryGetEncoded(int node, int slot, out ReadOnlySpan<byte> encoded)
    {
        if (_slotEdits is { } edits)
        {
            if (!edits.Has(node, slot))
            {
                encoded = default;
                return false;
            }

            if (edits.TryGet(node, slot, out var edit))
            {
                _overlay!.TryGetValue(edit, out var offset, out var length);
                encoded = _overlay.Arena(offset, length);
                return true;
            }
        }

        var found = _slots!.TryGet(node, slot, out var place);
        encoded = found ? _chunk.Bytes.Slice(place.ValueOffset, place.ValueLength) : default;
        return found;
    }

    /// <inheritdoc cref="SlotRow.Remove"/>
    internal bool RemoveSlot(int node, int slot)
    {
        if (!HasSlot(node, slot))
        {
            return false;
        }

        Overlay().Clear(EditOfPresent(node, slot));
        _slotEdits!.Remove(node, slot);
        return true;
    }

    /// <inheritdoc cref="SlotRow.CopyTexts"/>
    internal ulong CopyTexts(int node, ReadOnlySpan<SlotCopy> copies) =>
        Overlay().AddCopies(node, _slots!, _slotEdits!, AttributeFieldOf(node, default), _chunk.Bytes, copies);

    /// <summary>Sets an attribute to an encoded value, which comes in two parts.</summary>
    internal void SetEncoded(int node, int slot, ReadOnlySpan<byte> head, ReadOnlySpan<byte> content)
    {
        var keys = _slots!.Keys;
        var field = AttributeFieldOf(node, keys.Keys[slot]);
        var overlay = Overlay();
        if (_slotEdits!.IsNew(node, slot))
        {
            var added = overlay.AddAttribute(node, keys, slot, field, head, content);
            _slotEdits.Set(node, slot, added);
            return;
        }

        var edit = _slotEdits.Has(node, slot) ? EditOfPresent(node, slot) : EditOf(node, keys.Keys[slot], add: true);
        overlay.SetAttribute(edit, field, head, content);
        _slotEdits.Set(node, slot, edit);
    }

    /// <summary>The edit of an attribute that is there; a new one begins where the slots know its field to begin.</summary>
    private int EditOfPresent(int node, int slot)
    {
        if (_slotEdits!.TryGet(node, slot, out var known))
        {
            return known;
        }

        var key = _slots!.Keys.Keys[slot];
        if (_slots.HasDuplicates)
        {
            return EditOf(node, key, add: true);
        }

        _slots.TryGet(node, slot, out var place);
        var fields = new WireReader(_chunk.Bytes, place.FieldOffset, Nodes[node].End - place.FieldOffset);
        fields.Next();
        return Overlay().AddEdit(node, place.FieldOffset, fields.Position - place.FieldOffset, key);
    }
}
