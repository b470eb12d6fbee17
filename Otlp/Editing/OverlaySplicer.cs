using System.Buffers;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Editing;

/// <summary>
/// Applies an overlay to a chunk: one pass over the nodes from the back for the new lengths, one from the front that
/// copies runs of unchanged bytes whole and writes the rest.
/// </summary>
internal ref struct OverlaySplicer
{
    private const int Untouched = -1;

    private readonly ReadOnlySpan<byte> _data;
    private readonly ReadOnlySpan<OtlpNode> _nodes;
    private readonly ChunkOverlay _overlay;
    private readonly Span<int> _lengths;
    private readonly IndexCarrier? _carrier;
    private Span<byte> _target;
    private int _written;
    private int _copied;

    private OverlaySplicer(
        ReadOnlySpan<byte> data, ReadOnlySpan<OtlpNode> nodes, ChunkOverlay overlay, Span<int> lengths, IndexCarrier? carrier)
    {
        _carrier = carrier;
        _data = data;
        _nodes = nodes;
        _overlay = overlay;
        _lengths = lengths;
    }

    /// <summary>A new chunk with the changes in it.</summary>
    /// <param name="chunk">The bytes as received.</param>
    /// <param name="nodes">Their nodes.</param>
    /// <param name="overlay">The changes.</param>
    /// <param name="itemCount">Items left.</param>
    /// <param name="carrier">Makes the new chunk's index; null where the next reader is to find it.</param>
    public static OtlpChunk Apply(
        OtlpChunk chunk, ReadOnlySpan<OtlpNode> nodes, ChunkOverlay overlay, int itemCount, IndexCarrier? carrier)
    {
        var lengths = ArrayPool<int>.Shared.Rent(nodes.Length * 2);
        try
        {
            var splicer = new OverlaySplicer(chunk.Bytes, nodes, overlay, lengths, carrier);
            var length = chunk.Length + splicer.Measure(lengths.AsSpan(nodes.Length, nodes.Length));
            var rented = PinnedArrayPool.Process.Rent(Math.Max(length, 1));
            splicer.Write(rented);
            var changed = OtlpChunk.FromRented(chunk.Signal, rented, length, itemCount);
            if (carrier?.Finish(chunk.Bytes, length) is { } index)
            {
                changed.TakeIndex(index);
            }

            return changed;
        }
        finally
        {
            carrier?.Release();
            ArrayPool<int>.Shared.Return(lengths);
        }
    }

    /// <summary>Finds the new content length of every touched node.</summary>
    /// <returns>By how much the whole grows.</returns>
    private readonly int Measure(Span<int> growth)
    {
        growth.Clear();
        _lengths[.._nodes.Length].Fill(Untouched);
        var total = 0;
        for (var i = _nodes.Length - 1; i >= 0; i--)
        {
            ref readonly var node = ref _nodes[i];
            int grown;
            if (_overlay.IsDropped(i))
            {
                grown = -node.TotalLength;
            }
            else if (_lengths[i] != Untouched || _overlay.FirstEdit(i) != 0)
            {
                var length = node.Length + growth[i] + EditGrowth(i);
                _lengths[i] = length;
                grown = WireWriter.FieldSize(length) - node.TotalLength;
            }
            else
            {
                continue;
            }

            if (node.Parent < 0)
            {
                total += grown;
            }
            else
            {
                growth[node.Parent] += grown;
                _lengths[node.Parent] = 0;
            }
        }

        return total;
    }

    private readonly int EditGrowth(int node)
    {
        var growth = 0;
        for (var edit = _overlay.FirstEdit(node); edit != 0; edit = _overlay.NextEdit(edit))
        {
            growth += _overlay.Growth(edit);
        }

        return growth;
    }

    private void Write(Span<byte> target)
    {
        _target = target;
        for (var node = 0; node < _nodes.Length; node = _nodes[node].Next)
        {
            WriteNode(node);
        }

        CopyUpTo(_data.Length);
    }

    private void WriteNode(int index)
    {
        ref readonly var node = ref _nodes[index];
        if (_overlay.IsDropped(index))
        {
            CopyUpTo(node.HeaderOffset);
            _copied = node.End;
            return;
        }

        if (_lengths[index] == Untouched)
        {
            _carrier?.Move(index, node.Next, _written - _copied);
            return;
        }

        CopyUpTo(node.HeaderOffset);
        var header = _written;
        WriteHeader(node, _lengths[index]);
        _carrier?.Place(index, header, _written, _lengths[index]);
        _copied = node.BodyOffset;
        var edit = _overlay.FirstEdit(index);
        if (NodeHasChildren(node))
        {
            for (var child = index + 1; child < node.Next; child = _nodes[child].Next)
            {
                edit = WriteEdits(edit, _nodes[child].HeaderOffset);
                WriteNode(child);
            }
        }

        edit = WriteEdits(edit, node.End);
        CopyUpTo(node.End);
        WriteEdits(edit, ChunkOverlay.Added + 1L);
    }

    private static bool NodeHasChildren(in OtlpNode node) => Indexing.NodeKinds.HasChildren(node.Kind);

    private void WriteHeader(in OtlpNode node, int length)
    {
        // Nodes have field numbers below 16, so a tag is one byte; one the sender left out is its envelope's field 1.
        _target[_written++] = node.Absent ? (byte)WireWriter.Tag(1, WireType.LengthDelimited) : CanonicalTag(node);
        _written += WireWriter.WriteVarint(_target[_written..], (uint)length);
    }

    private readonly byte CanonicalTag(in OtlpNode node)
    {
        var fields = new WireReader(_data, node.HeaderOffset, node.TotalLength);
        fields.Next();
        return (byte)WireWriter.Tag(fields.Field, WireType.LengthDelimited);
    }

    /// <summary>Writes a node's edits of bytes before a limit.</summary>
    /// <returns>The first edit left.</returns>
    private int WriteEdits(int edit, long limit)
    {
        while (edit != 0 && _overlay.BaseOffset(edit) < limit)
        {
            if (_overlay.BaseOffset(edit) != ChunkOverlay.Added)
            {
                CopyUpTo(_overlay.BaseOffset(edit));
                _copied = _overlay.BaseOffset(edit) + _overlay.BaseLength(edit);
            }

            var replacement = _overlay.ReplacementRun(ref edit, _carrier is null ? default : _carrier.FieldOffsets, _written);
            replacement.CopyTo(_target[_written..]);
            _written += replacement.Length;
        }

        return edit;
    }

    private void CopyUpTo(int offset)
    {
        if (offset > _copied)
        {
            _data[_copied..offset].CopyTo(_target[_written..]);
            _written += offset - _copied;
            _copied = offset;
        }
    }
}
