using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using TelemetryPipeline.Otlp.Editing;
using TelemetryPipeline.Otlp.Indexing;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <content>Reading and changing attributes.</content>
public sealed partial class OtlpView
{
    private const int ScalarValueMax = 1 + WireWriter.MaxVarintBytes;
    private const int StackTextMax = 256;

    /// <summary>Whether a node has attributes of its own: resources, scopes and items do.</summary>
    /// <param name="node">The node's index.</param>
    public bool HasAttributes(int node) => NodeKinds.AttributeField(Nodes[node].Message) != 0;

    /// <summary>The attributes of a node; none where it cannot have any.</summary>
    /// <param name="node">The node's index.</param>
    public AttributeEnumerator Attributes(int node)
    {
        var field = NodeKinds.AttributeField(Nodes[node].Message);
        return new AttributeEnumerator(
            _chunk.Bytes, Nodes[node], field == 0 ? -1 : field, _overlay, _overlay?.FirstEdit(node) ?? 0);
    }

    /// <summary>Looks up an attribute; of several with one key the first counts.</summary>
    /// <param name="node">The node's index.</param>
    /// <param name="key">The key in UTF-8.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when the node has no such attribute.</returns>
    public bool TryGetAttribute(int node, ReadOnlySpan<byte> key, out AnyValueView value)
    {
        if (_overlay is not null && _overlay.Find(node, key) is var edit && edit != 0)
        {
            var present = _overlay.TryGetValue(edit, out var offset, out var length);
            value = present ? new AnyValueView(_overlay.Arena(offset, length)) : default;
            return present;
        }

        if (_overlay?.WideOf(node) is { } wide)
        {
            var first = wide.FirstReceived(key);
            value = first < 0 ? default : new AttributeView(wide.FieldAt(first).Content).Value;
            return first >= 0;
        }

        var fields = new WireReader(_chunk.Bytes, Nodes[node].BodyOffset, Nodes[node].Length);
        var attributeField = NodeKinds.AttributeField(Nodes[node].Message);
        while (fields.Next())
        {
            if (fields.Field == attributeField && fields.Type == WireType.LengthDelimited
                && key.SequenceEqual(AttributeView.KeyOf(fields.Content)))
            {
                value = new AttributeView(fields.Content).Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Looks up a registered key; the first call for a set of slots resolves them for the whole chunk.</summary>
    /// <param name="slots">The keys; a view keeps the table of the last set it was asked for.</param>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <param name="slot">The key's slot.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when the node has no such attribute.</returns>
    public bool TryGetAttribute(AttributeSlots slots, int node, int slot, out AnyValueView value)
    {
        Resolved(slots);
        if (!TryGetEncoded(node, slot, out var encoded))
        {
            value = default;
            return false;
        }

        value = new AnyValueView(encoded);
        return true;
    }

    /// <summary>Sets an attribute to a text, adding it where it is missing.</summary>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <param name="key">The key in UTF-8.</param>
    /// <param name="text">The text in UTF-8.</param>
    public void SetText(int node, ReadOnlySpan<byte> key, ReadOnlySpan<byte> text)
    {
        var length = WireWriter.FieldSize(text.Length);
        if (length > StackTextMax)
        {
            SetLong(node, key, text, (int)AnyValueKind.Text);
            return;
        }

        Span<byte> encoded = stackalloc byte[StackTextMax];
        encoded[0] = (byte)WireWriter.Tag((int)AnyValueKind.Text, WireType.LengthDelimited);
        var header = 1 + WireWriter.WriteVarint(encoded[1..], (uint)text.Length);
        text.CopyTo(encoded[header..]);
        SetEncoded(node, key, encoded[..length]);
    }

    /// <summary>Sets an attribute to bytes, adding it where it is missing.</summary>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <param name="key">The key in UTF-8.</param>
    /// <param name="bytes">The bytes.</param>
    public void SetBytes(int node, ReadOnlySpan<byte> key, ReadOnlySpan<byte> bytes) =>
        SetLong(node, key, bytes, (int)AnyValueKind.Bytes);

    /// <summary>Sets an attribute to an integer, adding it where it is missing.</summary>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <param name="key">The key in UTF-8.</param>
    /// <param name="number">The value.</param>
    public void SetInt(int node, ReadOnlySpan<byte> key, long number)
    {
        Span<byte> encoded = stackalloc byte[ScalarValueMax];
        encoded[0] = (byte)WireWriter.Tag((int)AnyValueKind.Int, WireType.Varint);
        SetEncoded(node, key, encoded[..(1 + WireWriter.WriteVarint(encoded[1..], (ulong)number))]);
    }

    /// <summary>Sets an attribute to true or false, adding it where it is missing.</summary>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <param name="key">The key in UTF-8.</param>
    /// <param name="value">The value.</param>
    public void SetBool(int node, ReadOnlySpan<byte> key, bool value) => SetEncoded(
        node, key, [(byte)WireWriter.Tag((int)AnyValueKind.Bool, WireType.Varint), value ? (byte)1 : (byte)0]);

    /// <summary>Sets an attribute to a floating-point number, adding it where it is missing.</summary>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <param name="key">The key in UTF-8.</param>
    /// <param name="number">The value.</param>
    public void SetDouble(int node, ReadOnlySpan<byte> key, double number)
    {
        Span<byte> encoded = stackalloc byte[1 + sizeof(ulong)];
        encoded[0] = (byte)WireWriter.Tag((int)AnyValueKind.Double, WireType.Fixed64);
        BinaryPrimitives.WriteDoubleLittleEndian(encoded[1..], number);
        SetEncoded(node, key, encoded);
    }

    /// <summary>Sets an attribute to a value of any type that was read elsewhere, also in this view.</summary>
    /// <param name="node">The index of a resource, scope or item.</param>
    /// <param name="key">The key in UTF-8.</param>
    /// <param name="value">The value.</param>
    public void SetValue(int node, ReadOnlySpan<byte> key, AnyValueView value) => SetEncoded(node, key, value.Encoded);

    /// <summary>Removes an attribute, every occurrence of it.</summary>
    /// <param name="node">The node's index.</param>
    /// <param name="key">The key in UTF-8.</param>
    /// <returns>False when the node had no such attribute.</returns>
    public bool RemoveAttribute(int node, ReadOnlySpan<byte> key)
    {
        var edit = EditOf(node, key, add: false);
        if (edit == 0)
        {
            return false;
        }

        var had = _overlay!.TryGetValue(edit, out _, out _) || !_overlay.WasCleared(edit);
        _overlay.Clear(edit);
        _slotEdits?.Remove(node, key);
        return had;
    }

    private void SetLong(int node, ReadOnlySpan<byte> key, ReadOnlySpan<byte> content, int field)
    {
        var encoded = System.Buffers.ArrayPool<byte>.Shared.Rent(WireWriter.FieldSize(content.Length));
        try
        {
            encoded[0] = (byte)WireWriter.Tag(field, WireType.LengthDelimited);
            var header = 1 + WireWriter.WriteVarint(encoded.AsSpan(1), (uint)content.Length);
            content.CopyTo(encoded.AsSpan(header));
            SetEncoded(node, key, encoded.AsSpan(0, header + content.Length));
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(encoded);
        }
    }

    private void SetEncoded(int node, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var field = AttributeFieldOf(node, key);
        var edit = EditOf(node, key, add: true);
        _overlay!.SetAttribute(edit, field, default, value);
        _slotEdits?.Set(node, key, edit);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int AttributeFieldOf(int node, ReadOnlySpan<byte> key)
    {
        var field = NodeKinds.AttributeField(Nodes[node].Message);
        return field != 0 ? field : throw HasNoAttributes(node, key);
    }

    private ArgumentOutOfRangeException HasNoAttributes(int node, ReadOnlySpan<byte> key) => new(
        nameof(node), Nodes[node].Kind, $"cannot set {Encoding.UTF8.GetString(key)}: only resources, scopes and items have attributes");

    /// <summary>The edit of an attribute; a new one covers its first occurrence, and others of the same key are removed.</summary>
    private int EditOf(int node, ReadOnlySpan<byte> key, bool add)
    {
        if (_overlay is not null && _overlay.Find(node, key) is var known && known != 0)
        {
            HasChanges = true;
            return known;
        }

        if (_overlay?.WideOf(node) is { } wide)
        {
            return EditOf(wide, node, key, add);
        }

        var edit = 0;
        var attributeField = NodeKinds.AttributeField(Nodes[node].Message);
        var fields = new WireReader(_chunk.Bytes, Nodes[node].BodyOffset, Nodes[node].Length);
        while (fields.Next())
        {
            if (fields.Field != attributeField || fields.Type != WireType.LengthDelimited
                || !key.SequenceEqual(AttributeView.KeyOf(fields.Content)))
            {
                continue;
            }

            var length = fields.Position - fields.FieldOffset;
            if (edit == 0)
            {
                edit = Overlay().AddEdit(node, fields.FieldOffset, length, key);
            }
            else
            {
                Overlay().RemoveRange(node, fields.FieldOffset, length);
            }
        }

        return edit == 0 && add ? Overlay().AddEdit(node, Editing.ChunkOverlay.Added, 0, key) : edit;
    }

    /// <summary>The same for a node with very many edits.</summary>
    private int EditOf(WideNode wide, int node, ReadOnlySpan<byte> key, bool add)
    {
        var edit = 0;
        for (var field = wide.FirstReceived(key); field >= 0; field = wide.NextReceived(field))
        {
            var length = wide.FieldAt(field).Position - field;
            if (edit == 0)
            {
                edit = Overlay().AddEdit(node, field, length, key);
            }
            else
            {
                Overlay().RemoveRange(node, field, length);
            }
        }

        return edit == 0 && add ? Overlay().AddEdit(node, Editing.ChunkOverlay.Added, 0, key) : edit;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SlotTable Resolved(AttributeSlots slots)
    {
        var table = _slots;
        return table is not null && table.Keys == slots.Snapshot() ? table : ResolveSlots(slots);
    }

    private SlotTable ResolveSlots(AttributeSlots slots)
    {
        ReleaseSlots();
        var keys = slots.Snapshot();
        _slots = _index.BorrowSlots(keys, _chunk.Bytes);
        _slotsAreShared = _slots is not null;
        _slots ??= SlotTable.Resolve(keys, _chunk.Bytes, _index);
        if (_overlay is not null)
        {
            _slotEdits = new SlotEdits(_slots, Nodes.Length);
            _overlay.CopyTo(_slotEdits, Nodes);
        }

        return _slots;
    }

    private void ReleaseSlots()
    {
        if (_slotsAreShared)
        {
            _index.ReturnSlots();
        }
        else
        {
            _slots?.Release();
        }

        _slots = null;
        _slotsAreShared = false;
        _slotEdits?.Release();
        _slotEdits = null;
    }
}
