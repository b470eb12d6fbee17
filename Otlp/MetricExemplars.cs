using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <summary>Walks over the exemplars of a point.</summary>
public ref struct MetricExemplars
{
    private readonly int _field;
    private WireReader _fields;

    internal MetricExemplars(ReadOnlySpan<byte> message, int field)
    {
        _fields = new WireReader(message);
        _field = field;
    }

    /// <summary>The current exemplar.</summary>
    public readonly MetricExemplar Current => new(_fields.Content);

    /// <summary>For <c>foreach</c>.</summary>
    public readonly MetricExemplars GetEnumerator() => this;

    /// <summary>Goes to the next exemplar.</summary>
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
