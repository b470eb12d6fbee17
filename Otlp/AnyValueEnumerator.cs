using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <summary>Walks over the elements of an array value.</summary>
public ref struct AnyValueEnumerator
{
    private WireReader _fields;

    internal AnyValueEnumerator(ReadOnlySpan<byte> array) => _fields = new WireReader(array);

    /// <summary>The current element.</summary>
    public readonly AnyValueView Current => new(_fields.Content);

    /// <summary>For <c>foreach</c>.</summary>
    public readonly AnyValueEnumerator GetEnumerator() => this;

    /// <summary>Goes to the next element.</summary>
    public bool MoveNext()
    {
        while (_fields.Next())
        {
            if (_fields is { Field: 1, Type: WireType.LengthDelimited })
            {
                return true;
            }
        }

        return false;
    }
}
