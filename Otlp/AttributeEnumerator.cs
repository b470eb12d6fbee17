using TelemetryPipeline.Otlp.Editing;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <summary>Walks over attributes: those received, as changed since, and then those added.</summary>
public ref struct AttributeEnumerator
{
    private readonly int _field;
    private readonly ChunkOverlay? _overlay;
    private WireReader _fields;
    private int _edit;
    private bool _received = true;
    private ReadOnlySpan<byte> _current;

    internal AttributeEnumerator(ReadOnlySpan<byte> message, int field)
    {
        _fields = new WireReader(message);
        _field = field;
    }

    internal AttributeEnumerator(ReadOnlySpan<byte> chunk, in OtlpNode node, int field, ChunkOverlay? overlay, int firstEdit)
    {
        _fields = new WireReader(chunk, node.BodyOffset, node.Length);
        _field = field;
        _overlay = overlay;
        _edit = firstEdit;
    }

    /// <summary>The current attribute.</summary>
    public readonly AttributeView Current => new(_current);

    /// <summary>The bytes of the current <c>KeyValue</c>.</summary>
    public readonly ReadOnlySpan<byte> CurrentEncoded => _current;

    /// <summary>The key of the current attribute in UTF-8, without reading the value: for passing over most of them.</summary>
    public readonly ReadOnlySpan<byte> CurrentKey => AttributeView.KeyOf(_current);

    /// <summary>For <c>foreach</c>.</summary>
    public readonly AttributeEnumerator GetEnumerator() => this;

    /// <summary>Goes to the next attribute.</summary>
    public bool MoveNext()
    {
        while (_received && _fields.Next())
        {
            if (_fields.Field != _field || _fields.Type != WireType.LengthDelimited)
            {
                continue;
            }

            // A node's edits are in the order of the bytes they replace, so one look at the next one is enough.
            _edit = _overlay?.SkipTo(_edit, _fields.FieldOffset) ?? 0;
            if (_edit == 0 || !_overlay!.Replaces(_edit, _fields.FieldOffset))
            {
                _current = _fields.Content;
                return true;
            }

            if (_overlay.TryGetAttribute(_edit, out _current))
            {
                return true;
            }
        }

        _received = false;
        return MoveNextAdded();
    }

    private bool MoveNextAdded()
    {
        if (_overlay is null)
        {
            return false;
        }

        _edit = _overlay.SkipTo(_edit, ChunkOverlay.Added);
        while (_edit != 0)
        {
            var edit = _edit;
            _edit = _overlay.NextEdit(edit);
            if (_overlay.TryGetAttribute(edit, out _current))
            {
                return true;
            }
        }

        return false;
    }
}
