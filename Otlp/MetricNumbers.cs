using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <summary>Walks over a list of numbers in a message, packed or not.</summary>
public ref struct MetricNumbers
{
    private readonly int _field;
    private readonly WireType _element;
    private WireReader _fields;
    private PackedReader _packed;

    internal MetricNumbers(ReadOnlySpan<byte> message, int field, WireType element)
    {
        _fields = new WireReader(message);
        _field = field;
        _element = element;
    }

    /// <summary>The current number as an integer.</summary>
    public ulong Current { get; private set; }

    /// <summary>The current number as a double, for lists of doubles.</summary>
    public readonly double CurrentDouble => BitConverter.UInt64BitsToDouble(Current);

    /// <summary>For <c>foreach</c>.</summary>
    public readonly MetricNumbers GetEnumerator() => this;

    /// <summary>Goes to the next number.</summary>
    public bool MoveNext()
    {
        while (true)
        {
            if (_packed.Next())
            {
                Current = _packed.Number;
                return true;
            }

            if (!_fields.Next())
            {
                return false;
            }

            if (_fields.Field != _field)
            {
                continue;
            }

            if (_fields.Type == WireType.LengthDelimited)
            {
                _packed = new PackedReader(_fields.Content, _element);
            }
            else
            {
                Current = _fields.Number;
                return true;
            }
        }
    }
}
