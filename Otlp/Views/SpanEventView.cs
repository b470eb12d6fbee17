using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Views;

/// <summary>An encoded event of a span. Valid as long as the bytes it was created from.</summary>
public readonly ref struct SpanEventView
{
    /// <summary>Reads the event.</summary>
    /// <param name="encoded">The message's bytes.</param>
    public SpanEventView(ReadOnlySpan<byte> encoded)
    {
        Encoded = encoded;
        var fields = new WireReader(encoded);
        while (fields.Next())
        {
            switch (fields.Field, fields.Type)
            {
                case (1, WireType.Fixed64):
                    TimeNs = fields.Number;
                    break;
                case (2, WireType.LengthDelimited):
                    Name = fields.Content;
                    break;
                case (4, WireType.Varint):
                    DroppedAttributesCount = fields.Number;
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>The event's bytes.</summary>
    public ReadOnlySpan<byte> Encoded { get; }

    /// <summary>Time in nanoseconds since the Unix epoch; 0 if missing.</summary>
    public ulong TimeNs { get; }

    /// <summary>The name in UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>Number of attributes the sender dropped.</summary>
    public ulong DroppedAttributesCount { get; }

    /// <summary>The attributes.</summary>
    public AttributeEnumerator Attributes => new(Encoded, 3);
}
