using TelemetryPipeline.Otlp.Indexing;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Editing;

/// <summary>
/// The edits and the received attributes of a node with very many edits, by key and by place: in a list of them each of a
/// million changes would walk over those before it.
/// </summary>
internal sealed class WideNode
{
    private readonly OtlpChunk _chunk;
    private readonly OtlpNode _node;
    private readonly OffsetTree _offsets;
    private readonly Dictionary<int, int> _editAt = [];
    private readonly HashSet<int> _editsByKey;

    // The first field of each key with the last one, and of a key that is repeated each field with the next one.
    private Dictionary<int, int>? _received;
    private Dictionary<int, int>? _repeated;

    /// <param name="chunk">The chunk.</param>
    /// <param name="node">The node.</param>
    /// <param name="keys">Compares edits by their keys.</param>
    public WideNode(OtlpChunk chunk, in OtlpNode node, IEqualityComparer<int> keys)
    {
        _chunk = chunk;
        _node = node;
        _offsets = new OffsetTree(node.Length);
        _editsByKey = new HashSet<int>(keys);
    }

    /// <summary>The last edit of the list; 0 for none.</summary>
    public int Last { get; set; }

    /// <summary>The edit of an attribute, 0 for none; of several the one that was made first.</summary>
    public int Find(ReadOnlySpan<byte> key) =>
        _editsByKey.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var edit) ? edit : 0;

    /// <summary>The edit that replaces the field at an offset, 0 for none.</summary>
    public int At(int baseOffset) => _editAt.GetValueOrDefault(baseOffset);

    /// <summary>The edit in front of an offset in the list, 0 for none.</summary>
    public int Before(int baseOffset)
    {
        var before = _offsets.Before(baseOffset - _node.BodyOffset);
        return before < 0 ? 0 : _editAt[before + _node.BodyOffset];
    }

    /// <summary>Notes where an edit is.</summary>
    public void Place(int edit, int baseOffset)
    {
        _offsets.Add(baseOffset - _node.BodyOffset);
        _editAt[baseOffset] = edit;
    }

    /// <summary>Notes the key of an edit, which can be compared by now.</summary>
    public void Name(int edit) => _editsByKey.Add(edit);

    /// <summary>Offset of the first received attribute of a key, -1 for none.</summary>
    public int FirstReceived(ReadOnlySpan<byte> key)
    {
        _received ??= FindReceived();
        return _received.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var first, out _) ? first : -1;
    }

    /// <summary>Offset of the next attribute with the same key, -1 for none.</summary>
    public int NextReceived(int fieldOffset) => _repeated!.GetValueOrDefault(fieldOffset, -1);

    /// <summary>The received field at an offset.</summary>
    public WireReader FieldAt(int fieldOffset)
    {
        var fields = new WireReader(_chunk.Bytes, fieldOffset, _node.End - fieldOffset);
        fields.Next();
        return fields;
    }

    private Dictionary<int, int> FindReceived()
    {
        var received = new Dictionary<int, int>(new FieldKeys(_chunk, _node.End));
        _repeated = [];
        var attributeField = NodeKinds.AttributeField(_node.Message);
        var fields = new WireReader(_chunk.Bytes, _node.BodyOffset, _node.Length);
        while (fields.Next())
        {
            if (fields.Field != attributeField || fields.Type != WireType.LengthDelimited)
            {
                continue;
            }

            ref var last = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(
                received, fields.FieldOffset, out var isRepeated);
            if (isRepeated)
            {
                _repeated[last] = fields.FieldOffset;
            }

            last = fields.FieldOffset;
        }

        return received;
    }

    /// <summary>Compares attributes in a chunk, by their offsets, by their keys.</summary>
    private sealed class FieldKeys(OtlpChunk chunk, int end) : KeyComparer
    {
        protected override ReadOnlySpan<byte> KeyOf(int fieldOffset)
        {
            var fields = new WireReader(chunk.Bytes, fieldOffset, end - fieldOffset);
            fields.Next();
            return AttributeView.KeyOf(fields.Content);
        }
    }
}
