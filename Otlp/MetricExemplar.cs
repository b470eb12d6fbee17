using System.Buffers.Binary;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp;

/// <summary>An example of the values behind a point, read from its bytes.</summary>
public readonly ref struct MetricExemplar
{
    private readonly ReadOnlySpan<byte> _message;

    internal MetricExemplar(ReadOnlySpan<byte> message)
    {
        _message = message;
        var fields = new WireReader(message);
        while (fields.Next())
        {
            switch (fields.Field, fields.Type)
            {
                case (2, WireType.Fixed64):
                    TimeNs = fields.Number;
                    break;
                case (3, WireType.Fixed64):
                    (HasValue, IsInt, Value) = (true, false, BitConverter.UInt64BitsToDouble(fields.Number));
                    break;
                case (6, WireType.Fixed64):
                    (HasValue, IsInt, IntValue, Value) = (true, true, (long)fields.Number, (long)fields.Number);
                    break;
                case (4, WireType.LengthDelimited) when fields.ValueLength == sizeof(ulong):
                    SpanId = BinaryPrimitives.ReadUInt64BigEndian(fields.Content);
                    break;
                case (5, WireType.LengthDelimited) when fields.ValueLength == 2 * sizeof(ulong):
                    TraceIdHigh = BinaryPrimitives.ReadUInt64BigEndian(fields.Content);
                    TraceIdLow = BinaryPrimitives.ReadUInt64BigEndian(fields.Content[sizeof(ulong)..]);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>When, in nanoseconds since the Unix epoch.</summary>
    public ulong TimeNs { get; }

    /// <summary>Whether the exemplar has a value.</summary>
    public bool HasValue { get; }

    /// <summary>Whether the value is an integer.</summary>
    public bool IsInt { get; }

    /// <summary>The value, in the metric's unit.</summary>
    public double Value { get; }

    /// <summary>The exact value of an integer.</summary>
    public long IntValue { get; }

    /// <summary>Attributes of the measurement that the point does not have.</summary>
    public AttributeEnumerator FilteredAttributes => new(_message, 7);

    /// <summary>The span id, big-endian; 0 where it is missing.</summary>
    public ulong SpanId { get; }

    /// <summary>First 8 bytes of the trace id, big-endian; 0 where it is missing.</summary>
    public ulong TraceIdHigh { get; }

    /// <summary>Last 8 bytes of the trace id, big-endian; 0 where it is missing.</summary>
    public ulong TraceIdLow { get; }
}
