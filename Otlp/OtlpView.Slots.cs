using TelemetryPipeline.Otlp.Indexing;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <content>
/// Changing attributes by slot: what the slots know to be missing is added without looking through the node for it.
/// </content>
public sealed partial class OtlpView
{
    /// <summary>Whether a node has any attribute of a set.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <param name="mask">The slots asked for.</param>
    public bool HasAny(AttributeSlots slots, int node, in SlotMask mask) => Resolved(slots).HasAny(node, mask);

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
        var length = WireWriter.FieldSize(text.Length);
        if (length > StackTextMax)
        {
            SetText(node, Resolved(slots).Keys.Keys[slot], text);
            return;
        }

        Span<byte> encoded = stackalloc byte[StackTextMax];
        encoded[0] = (byte)WireWriter.Tag((int)AnyValueKind.Text, WireType.LengthDelimited);
        var header = 1 + WireWriter.WriteVarint(encoded[1..], (uint)text.Length);
        text.CopyTo(encoded[header..]);
        SetEncoded(slots, node, slot, encoded[..length]);
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
        SetEncoded(slots, node, slot, encoded[..(1 + WireWriter.WriteVarint(encoded[1..], (ulong)number))]);
    }

    /// <summary>Sets an attribute to a value of any type, adding it where it is missing.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <param name="slot">The key's slot.</param>
    /// <param name="value">The value; it may have been read in this view.</param>
    public void SetValue(AttributeSlots slots, int node, int slot, AnyValueView value) =>
        SetEncoded(slots, node, slot, value.Encoded);

    /// <summary>Removes an attribute, every occurrence of it.</summary>
    /// <param name="slots">The keys.</param>
    /// <param name="node">The node's index.</param>
    /// <param name="slot">The key's slot.</param>
    /// <returns>False when the node had no such attribute.</returns>
    public bool RemoveAttribute(AttributeSlots slots, int node, int slot)
    {
        var table = Resolved(slots);
        if (!table.TryGet(node, slot, out var inArena, out _, out _))
        {
            return false;
        }

        var key = table.Keys.Keys[slot];
        var edit = EditOfPresent(table, node, slot, inArena, key);
        _overlay!.Clear(edit);
        table.Remove(node, key);
        return true;
    }

    private void SetEncoded(AttributeSlots slots, int node, int slot, ReadOnlySpan<byte> value)
    {
        var table = Resolved(slots);
        var key = table.Keys.Keys[slot];
        var field = NodeKinds.AttributeField(Nodes[node].Message);
        if (field == 0)
        {
            SetEncoded(node, key, value);
            return;
        }

        int edit;
        if (table.IsNew(node, slot))
        {
            edit = Overlay().AddAttribute(node, key, field, value);
        }
        else
        {
            edit = table.TryGet(node, slot, out var inArena, out _, out _)
                ? EditOfPresent(table, node, slot, inArena, key)
                : EditOf(node, key, add: true);
            _overlay!.SetAttribute(edit, field, value);
        }

        _overlay!.TryGetValue(edit, out var offset, out var length);
        table.Set(node, slot, offset, length);
    }

    /// <summary>The edit of an attribute that is there; a new one begins where the slots know its field to begin.</summary>
    private int EditOfPresent(SlotTable table, int node, int slot, bool inArena, byte[] key)
    {
        if (inArena || table.HasDuplicates)
        {
            return EditOf(node, key, add: true);
        }

        var start = table.FieldOffset(node, slot);
        var fields = new WireReader(_chunk.Bytes, start, Nodes[node].End - start);
        fields.Next();
        return Overlay().AddEdit(node, start, fields.Position - start, key);
    }
}
