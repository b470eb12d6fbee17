using System.Runtime.CompilerServices;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <summary>
/// The registered attributes of one node, for a component that reads and sets many of them: what <see cref="OtlpView"/>
/// does by slot, with the look for the node's part of the table done once.
/// </summary>
/// <remarks>Got from <see cref="OtlpView.Row"/>; holds as long as the view does, and shows every change.</remarks>
public readonly ref struct SlotRow
{
    private const int TextTag = ((int)AnyValueKind.Text << 3) | (int)WireType.LengthDelimited;
    private readonly OtlpView _view;

    internal SlotRow(OtlpView view, int node)
    {
        _view = view;
        Node = node;
    }

    /// <summary>The node's index.</summary>
    public int Node { get; }

    /// <summary>The registered attributes that the node has, as of now.</summary>
    public SlotMask Present => SlotMask.OfWords(_view.PresentBits(Node));

    /// <summary>Whether the node has an attribute.</summary>
    /// <param name="slot">The key's slot.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Has(int slot) => _view.HasSlot(Node, slot);

    /// <summary>Whether the node has any attribute of a set.</summary>
    /// <param name="mask">The slots asked for.</param>
    public bool HasAny(in SlotMask mask)
    {
        var words = _view.PresentBits(Node);
        for (var i = 0; i < words.Length; i++)
        {
            if ((words[i] & mask.Word(i)) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Looks up an attribute whose value is a text of less than 128 bytes, and nothing else.</summary>
    /// <param name="slot">The key's slot.</param>
    /// <param name="text">The text in UTF-8.</param>
    /// <returns>False when the node has no such attribute, or another value, or one written in an unusual way: see <see cref="TryGet"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGetShortText(int slot, out ReadOnlySpan<byte> text)
    {
        if (!_view.TryGetEncoded(Node, slot, out var encoded) || !AnyValueView.IsShortText(encoded))
        {
            text = default;
            return false;
        }

        text = encoded[2..];
        return true;
    }

    /// <summary>Looks up an attribute whose value is a text.</summary>
    /// <param name="slot">The key's slot.</param>
    /// <param name="text">The text in UTF-8.</param>
    /// <returns>False when the node has no such attribute, or another value.</returns>
    public bool TryGetText(int slot, out ReadOnlySpan<byte> text)
    {
        if (TryGetShortText(slot, out text))
        {
            return true;
        }

        var isText = TryGet(slot, out var value) && value.Kind == AnyValueKind.Text;
        text = value.Text;
        return isText;
    }

    /// <summary>The same as <see cref="TryGetShortText"/>, where the first element counts of a list of texts, as headers are recorded.</summary>
    /// <param name="slot">The key's slot.</param>
    /// <param name="text">The text in UTF-8.</param>
    /// <returns>As <see cref="TryGetShortText"/>.</returns>
    public bool TryGetFirstShortText(int slot, out ReadOnlySpan<byte> text)
    {
        var at = 0;
        var found = _view.TryGetEncoded(Node, slot, out var encoded);
        var length = encoded.Length;
        if (!found || !AnyValueView.TryFirstText(encoded, ref at, ref length))
        {
            text = default;
            return false;
        }

        text = encoded.Slice(at + 2, length - 2);
        return true;
    }

    /// <summary>Looks up an attribute whose value is an integer, and nothing else.</summary>
    /// <param name="slot">The key's slot.</param>
    /// <param name="number">The value.</param>
    /// <returns>As <see cref="TryGetShortText"/>.</returns>
    public bool TryGetInt(int slot, out long number)
    {
        number = 0;
        return _view.TryGetEncoded(Node, slot, out var encoded) && AnyValueView.TryInt(encoded, out number);
    }

    /// <summary>Looks up an attribute.</summary>
    /// <param name="slot">The key's slot.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when the node has no such attribute.</returns>
    public bool TryGet(int slot, out AnyValueView value)
    {
        if (!_view.TryGetEncoded(Node, slot, out var encoded))
        {
            value = default;
            return false;
        }

        value = new AnyValueView(encoded);
        return true;
    }

    /// <summary>Sets an attribute, adding it where it is missing.</summary>
    /// <param name="slot">The key's slot.</param>
    /// <param name="encoded">An encoded <c>AnyValue</c>; it may be a value of this node.</param>
    public void SetEncoded(int slot, ReadOnlySpan<byte> encoded) => _view.SetEncoded(Node, slot, default, encoded);

    /// <summary>Sets an attribute to a text, adding it where it is missing.</summary>
    /// <param name="slot">The key's slot.</param>
    /// <param name="text">The text in UTF-8.</param>
    public void SetText(int slot, ReadOnlySpan<byte> text)
    {
        if (text.Length < 0x80)
        {
            _view.SetEncoded(Node, slot, [TextTag, (byte)text.Length], text);
            return;
        }

        Span<byte> head = stackalloc byte[1 + WireWriter.MaxVarintBytes];
        head[0] = TextTag;
        _view.SetEncoded(Node, slot, head[..(1 + WireWriter.WriteVarint(head[1..], (uint)text.Length))], text);
    }

    /// <summary>Sets an attribute to an integer, adding it where it is missing.</summary>
    /// <param name="slot">The key's slot.</param>
    /// <param name="number">The value.</param>
    public void SetInt(int slot, long number)
    {
        Span<byte> encoded = stackalloc byte[1 + WireWriter.MaxVarintBytes];
        encoded[0] = ((int)AnyValueKind.Int << 3) | (int)WireType.Varint;
        _view.SetEncoded(Node, slot, default, encoded[..(1 + WireWriter.WriteVarint(encoded[1..], (ulong)number))]);
    }

    /// <summary>Removes an attribute, every occurrence of it.</summary>
    /// <param name="slot">The key's slot.</param>
    /// <returns>False when the node had no such attribute.</returns>
    public bool Remove(int slot) => _view.RemoveSlot(Node, slot);

    /// <summary>
    /// Adds attributes that the node never had, each with the value of another one that it came with, where that is a
    /// text, not empty and not long: what mappings do nearly always, for all of them at once.
    /// </summary>
    /// <param name="copies">What to copy, up to 64.</param>
    /// <returns>A bit for each copy that is another case; nothing is changed for those.</returns>
    public ulong CopyTexts(ReadOnlySpan<SlotCopy> copies) => copies.IsEmpty ? 0 : _view.CopyTexts(Node, copies);
}
