using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Views;

/// <summary>Walks over a repeated message field and yields each encoded message. Unknown fields are skipped.</summary>
public ref struct MessageEnumerator
{
    private readonly int _field;
    private WireReader _fields;

    internal MessageEnumerator(ReadOnlySpan<byte> message, int field)
    {
        _fields = new WireReader(message);
        _field = field;
    }

    /// <summary>The current message's bytes, without tag and length.</summary>
    public readonly ReadOnlySpan<byte> Current => _fields.Content;

    /// <summary>Offset of <see cref="Current"/> in the bytes of the message that is walked over.</summary>
    public readonly int CurrentOffset => _fields.ValueOffset;

    /// <summary>For <c>foreach</c>.</summary>
    public readonly MessageEnumerator GetEnumerator() => this;

    /// <summary>Advances to the next message.</summary>
    public bool MoveNext()
    {
        while (_fields.Next())
        {
            if (_fields.Field == _field && _fields.Type == WireType.LengthDelimited)
            {
                return true;
            }
        }

        return false;
    }
}
