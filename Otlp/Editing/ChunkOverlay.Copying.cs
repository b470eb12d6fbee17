using System.Runtime.Intrinsics;
using TelemetryPipeline.Otlp.Indexing;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Editing;

/// <content>Adding many attributes to a node at once, with the values of others.</content>
internal sealed partial class ChunkOverlay
{
    // A longer value is copied by its length; up to here two moves of a vector do.
    private const int InTwoMovesMax = 2 * VectorBytes;
    private const int VectorBytes = 16;

    /// <summary>Adds attributes that the node never had, each with a short text, or the first of a list of them, that it received under another key.</summary>
    /// <param name="node">The node.</param>
    /// <param name="table">Where the values are.</param>
    /// <param name="slots">Takes note of the new ones.</param>
    /// <param name="field">Field number of attributes in the node.</param>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="copies">What to copy, up to 64.</param>
    /// <returns>A bit for each copy that was not made because it is another case.</returns>
    public ulong AddCopies(
        int node, SlotTable table, SlotEdits slots, int field, ReadOnlySpan<byte> chunk, ReadOnlySpan<SlotCopy> copies)
    {
        var row = slots.RowOf(node);
        var places = table.PlacesOf(node);
        var keys = table.Keys;
        var tag = (byte)WireWriter.Tag(field, WireType.LengthDelimited);
        var start = _arenaUsed;
        var arena = Reserve(copies.Length * ShortFieldMax);
        var used = 0;
        var left = 0UL;
        for (var i = 0; i < copies.Length; i++)
        {
            var copy = copies[i];
            var head = keys.Head(copy.Target, out var headLength);
            if (headLength == 0 || !row.IsReceived(copy.Source) || !row.IsNew(copy.Target) || !places.TryGet(copy.Source, out var place))
            {
                left |= 1UL << i;
                continue;
            }

            var offset = place.ValueOffset;
            var length = place.ValueLength;
            if (!AnyValueView.TryFirstText(chunk.Slice(offset, length), ref offset, ref length) || length is <= 2 or > ShortValueMax)
            {
                left |= 1UL << i;
                continue;
            }

            // Every length is one byte, so that every place is known beforehand; what is copied too far is written over.
            var target = arena.Slice(used, ShortFieldMax);
            target[0] = tag;
            target[1] = (byte)(headLength + 1 + length);
            Vector128.Create(head).CopyTo(target[2..]);
            Vector128.Create(head[Vector128<byte>.Count..]).CopyTo(target[(2 + Vector128<byte>.Count)..]);
            target[headLength + 2] = (byte)length;
            var at = headLength + 3;
            if (length <= InTwoMovesMax && chunk.Length - offset >= InTwoMovesMax)
            {
                Vector128.Create(chunk[offset..]).CopyTo(target[at..]);
                Vector128.Create(chunk[(offset + Vector128<byte>.Count)..]).CopyTo(target[(at + Vector128<byte>.Count)..]);
            }
            else
            {
                chunk.Slice(offset, length).CopyTo(target[at..]);
            }

            ref var edit = ref Link(node, Added, 0, keys.Keys[copy.Target].Length);
            edit.FieldOffset = start + used;
            edit.PairOffset = start + used + 2;
            edit.KeyOffset = start + used + 4;
            edit.ValueOffset = start + used + at;
            edit.FieldLength = at + length;
            WideOf(node)?.Name(_editCount - 1);
            slots.Set(node, copy.Target, _editCount - 1);
            used += at + length;
        }

        _arenaUsed = start + used;
        return left;
    }
}
