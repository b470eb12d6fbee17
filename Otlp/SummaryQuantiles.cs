using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <summary>Walks over the quantiles of a summary's point.</summary>
public ref struct SummaryQuantiles
{
    private WireReader _fields;

    internal SummaryQuantiles(ReadOnlySpan<byte> message) => _fields = new WireReader(message);

    /// <summary>The current quantile, 0 to 1, and its value.</summary>
    public readonly (double Quantile, double Value) Current
    {
        get
        {
            (double Quantile, double Value) current = default;
            var fields = new WireReader(_fields.Content);
            while (fields.Next())
            {
                switch (fields.Field, fields.Type)
                {
                    case (1, WireType.Fixed64):
                        current.Quantile = BitConverter.UInt64BitsToDouble(fields.Number);
                        break;
                    case (2, WireType.Fixed64):
                        current.Value = BitConverter.UInt64BitsToDouble(fields.Number);
                        break;
                    default:
                        break;
                }
            }

            return current;
        }
    }

    /// <summary>For <c>foreach</c>.</summary>
    public readonly SummaryQuantiles GetEnumerator() => this;

    /// <summary>Goes to the next quantile.</summary>
    public bool MoveNext()
    {
        while (_fields.Next())
        {
            if (_fields is { Field: 6, Type: WireType.LengthDelimited })
            {
                return true;
            }
        }

        return false;
    }
}
