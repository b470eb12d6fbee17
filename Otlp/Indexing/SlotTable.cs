using System.Numerics;
using System.Runtime.CompilerServices;
using TelemetryPipeline.Otlp.Schema;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Indexing;

/// <summary>
/// Where each registered key's value is in a chunk as it was received. For every node there are bits that say which of the
/// keys it has, and the places of just those, by ascending slot: most nodes have few of many keys, and a table that
/// stays in the processor's cache is worth more than one that is indexed directly. Does not change once it is made.
/// </summary>
internal sealed class SlotTable
{
    private const int PlacesExpected = 16;

    // What an attribute of a registered key takes of a chunk, at least about.
    private const int BytesPerPlace = 8;
    private readonly Rows<ulong> _bits;
    private readonly Rows<int> _firsts;
    private readonly int _words;
    private Rows<SlotPlace> _places;
    private int _placeCount;

    private SlotTable(AttributeSlots.Table keys, int nodeCount, int chunkLength)
    {
        Keys = keys;
        _words = WordsOf(keys);
        _bits = Rows<ulong>.Rent(_words * nodeCount);
        _firsts = Rows<int>.Rent(nodeCount);
        _places = Rows<SlotPlace>.Rent(Math.Min(PlacesExpected * nodeCount, chunkLength / BytesPerPlace));
        _bits.All[..(_words * nodeCount)].Clear();
    }

    /// <summary>The keys resolved.</summary>
    public AttributeSlots.Table Keys { get; }

    /// <summary>Whether any node has two attributes of one registered key.</summary>
    public bool HasDuplicates { get; private set; }

    /// <summary>How many words the bits of a node take.</summary>
    public static int WordsOf(AttributeSlots.Table keys) => (keys.Keys.Length + SlotMask.BitsPerWord - 1) / SlotMask.BitsPerWord;

    /// <summary>Finds the registered attributes of all nodes; in the same pass, where they are lacking, the records of spans.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="index">Its nodes.</param>
    public static SlotTable Resolve(AttributeSlots.Table keys, ReadOnlySpan<byte> chunk, ChunkIndex index)
    {
        var nodes = index.Nodes;
        var table = new SlotTable(keys, nodes.Length, chunk.Length);
        var firsts = table._firsts.All;
        Span<SlotPlace> found = stackalloc SlotPlace[AttributeSlots.MaxKeys];
        var sequence = new KeySequence(chunk, stackalloc KeySequence.Entry[KeySequence.Length]);
        Span<byte> ranks = stackalloc byte[AttributeSlots.MaxKeys];
        var last = -1;
        Rows<SpanRecord>? rented = null;
        Span<SpanRecord> spans = default;
        SpanRecord unused = default;
        for (var i = 0; i < nodes.Length; i++)
        {
            ref readonly var node = ref nodes[i];
            firsts[i] = table._placeCount;
            var field = NodeKinds.AttributeField(node.Message);
            if (field == 0)
            {
                continue;
            }

            var isSpan = node.Message == MessageKind.Span && (rented is not null || index.LacksSpans);
            if (isSpan && rented is null)
            {
                rented = index.RentSpans();
                spans = rented.Value.All;
            }

            ref var span = ref unused;
            if (isSpan)
            {
                span = ref spans[node.FirstItem];
                span = SpanRecordReader.Begin(index, i);
            }

            sequence.Begin();
            var count = table.Find(chunk, node, field, ref sequence, found, isSpan, ref span);
            if (sequence.IsSame && last >= 0)
            {
                table.KeepLike(last, i, found[..count], ranks);
            }
            else if (!table.TryKeep(i, found[..count], ranks))
            {
                table.HasDuplicates = true;
                sequence.Break();
            }

            last = i;
        }

        if (rented is { } filled)
        {
            index.TakeSpans(filled);
        }

        return table;
    }

    /// <summary>Whether a node has an attribute.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Has(int node, int slot) => (_bits.All[(node * _words) + (slot / SlotMask.BitsPerWord)] >> slot & 1) != 0;

    /// <summary>The place of a slot's value.</summary>
    /// <returns>False when the node has no such attribute.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(int node, int slot, out SlotPlace place) => PlacesOf(node).TryGet(slot, out place);

    /// <summary>The attributes of one node, for who asks for many.</summary>
    public NodePlaces PlacesOf(int node) => new(Bits(node), _places.All[_firsts.All[node]..]);

    /// <summary>The words of what a node has.</summary>
    public ReadOnlySpan<ulong> Bits(int node) => _bits.All.Slice(node * _words, _words);

    /// <summary>Returns the memory; the table must not be used any more.</summary>
    public void Release()
    {
        _bits.Return();
        _firsts.Return();
        _places.Return();
    }

    /// <summary>Finds the registered attributes of a node, in their order.</summary>
    /// <returns>How many.</returns>
    private int Find(
        ReadOnlySpan<byte> chunk, in OtlpNode node, int attributeField, ref KeySequence sequence, Span<SlotPlace> found, bool isSpan,
        ref SpanRecord span)
    {
        const int KeyTag = (1 << 3) | (int)WireType.LengthDelimited;
        const int ValueTag = (2 << 3) | (int)WireType.LengthDelimited;
        var attributeTag = (attributeField << 3) | (int)WireType.LengthDelimited;
        var count = 0;
        chunk = chunk[..node.End];
        for (var at = node.BodyOffset; at < chunk.Length;)
        {
            // As encoders write an attribute: the key, the value, nothing else, and no length of more than a byte.
            const int Lengths = 4;
            if (chunk.Length - at > Lengths && chunk[at] == attributeTag && chunk[at + 1] is var length and < 0x80
                && chunk[at + 2] == KeyTag && chunk[at + 3] is var keyLength && keyLength + Lengths <= length
                && at + 2 + length <= chunk.Length && chunk[at + Lengths + keyLength] == ValueTag
                && chunk[at + Lengths + keyLength + 1] == length - keyLength - Lengths)
            {
                var slot = sequence.Next(Keys, at + Lengths, keyLength);
                if (slot >= 0 && (count < found.Length || MakeRoom(found, ref count, ref sequence)))
                {
                    found[count++] = new SlotPlace(slot, at, at + Lengths + keyLength + 2, length - keyLength - Lengths);
                }

                at += 2 + length;
                continue;
            }

            var fields = new WireReader(chunk, at, chunk.Length - at);
            if (!fields.Next())
            {
                break;
            }

            at = fields.Position;
            if (fields.Field == attributeField && fields.Type == WireType.LengthDelimited)
            {
                AttributeView.Split(fields.Content, out var key, out var offset, out var valueLength);
                var slot = Keys.Find(key);
                sequence.Break();
                if (slot >= 0 && (count < found.Length || MakeRoom(found, ref count, ref sequence)))
                {
                    found[count++] = new SlotPlace(slot, fields.FieldOffset, fields.ValueOffset + offset, valueLength);
                }
            }
            else if (isSpan)
            {
                SpanRecordReader.ReadField(chunk, fields, ref span);
            }
        }

        return count;
    }

    /// <summary>Takes repeated keys out of what was found, of which there is as much as there are keys.</summary>
    /// <returns>False when nothing is repeated: all keys have been found.</returns>
    private bool MakeRoom(Span<SlotPlace> found, ref int count, ref KeySequence sequence)
    {
        Span<ulong> seen = stackalloc ulong[SlotMask.WordCount];
        var kept = 0;
        foreach (ref readonly var place in found[..count])
        {
            ref var word = ref seen[place.Slot / SlotMask.BitsPerWord];
            if ((word >> place.Slot & 1) == 0)
            {
                word |= 1UL << place.Slot;
                found[kept++] = place;
            }
        }

        HasDuplicates = true;
        sequence.Break();
        count = kept;
        return kept < found.Length;
    }

    /// <summary>Keeps what was found in a node, in the order of the slots; of several with one key the first.</summary>
    /// <param name="node">The node.</param>
    /// <param name="found">What was found.</param>
    /// <param name="ranks">Gets the place of each in that order.</param>
    /// <returns>False when there were several with one key.</returns>
    private bool TryKeep(int node, Span<SlotPlace> found, Span<byte> ranks)
    {
        var bits = _bits.All.Slice(node * _words, _words);
        var count = 0;
        foreach (ref readonly var place in found)
        {
            ref var word = ref bits[place.Slot / SlotMask.BitsPerWord];
            var bit = 1UL << place.Slot;
            if ((word & bit) == 0)
            {
                word |= bit;
                found[count++] = place;
            }
        }

        var places = Room(count);
        for (var i = 0; i < count; i++)
        {
            var own = found[i].Slot / SlotMask.BitsPerWord;
            var rank = BitOperations.PopCount(bits[own] & ((1UL << found[i].Slot) - 1));
            for (var word = 0; word < own; word++)
            {
                rank += BitOperations.PopCount(bits[word]);
            }

            ranks[i] = (byte)rank;
            places[rank] = found[i];
        }

        return count == found.Length;
    }

    /// <summary>Keeps what was found in a node that has the keys of the one before, in the same order.</summary>
    private void KeepLike(int last, int node, ReadOnlySpan<SlotPlace> found, ReadOnlySpan<byte> ranks)
    {
        var bits = _bits.All;
        bits.Slice(last * _words, _words).CopyTo(bits.Slice(node * _words, _words));
        var places = Room(found.Length);
        for (var i = 0; i < found.Length; i++)
        {
            places[ranks[i]] = found[i];
        }
    }

    private Span<SlotPlace> Room(int count)
    {
        if (_places.All.Length - _placeCount < count)
        {
            _places = _places.Grow(_placeCount, (_placeCount + count) * 2);
        }

        _placeCount += count;
        return _places.All.Slice(_placeCount - count, count);
    }

    /// <summary>Makes a table of places that are known, node by node.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="nodeCount">How many nodes there are.</param>
    /// <param name="chunkLength">Length of the chunk in bytes.</param>
    internal struct Builder(AttributeSlots.Table keys, int nodeCount, int chunkLength)
    {
        private readonly SlotTable _table = new(keys, nodeCount, chunkLength);
        private int _node;

        /// <summary>Begins the next node.</summary>
        /// <param name="bits">What it has; empty for nothing.</param>
        /// <param name="count">How many those are.</param>
        /// <returns>Where their places go, by ascending slot.</returns>
        public Span<SlotPlace> Begin(ReadOnlySpan<ulong> bits, int count)
        {
            _table._firsts.All[_node] = _table._placeCount;
            bits.CopyTo(_table._bits.All[(_node * _table._words)..]);
            _node++;
            return _table.Room(count);
        }

        /// <summary>The table.</summary>
        public readonly SlotTable Finish() => _table;
    }

    /// <summary>One node's part of the table.</summary>
    internal readonly ref struct NodePlaces(ReadOnlySpan<ulong> bits, ReadOnlySpan<SlotPlace> places)
    {
        private readonly ReadOnlySpan<ulong> _bits = bits;
        private readonly ReadOnlySpan<SlotPlace> _places = places;

        /// <summary>The places, by ascending slot; those of other nodes follow.</summary>
        public ReadOnlySpan<SlotPlace> All => _places;

        /// <inheritdoc cref="SlotTable.TryGet"/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryGet(int slot, out SlotPlace place)
        {
            var own = slot / SlotMask.BitsPerWord;
            var word = _bits[own];
            if ((word >> slot & 1) == 0)
            {
                place = default;
                return false;
            }

            var rank = BitOperations.PopCount(word & ((1UL << slot) - 1));
            for (var before = 0; before < own; before++)
            {
                rank += BitOperations.PopCount(_bits[before]);
            }

            place = _places[rank];
            return true;
        }
    }
}
