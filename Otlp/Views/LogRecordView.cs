using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Views;

/// <summary>An encoded <c>LogRecord</c>, read in one pass; attributes are read on demand.</summary>
/// <remarks>Of several occurrences of a field the last one counts. Valid as long as the bytes it was created from.</remarks>
public readonly ref struct LogRecordView
{
    private readonly ReadOnlySpan<byte> _body;

    /// <summary>Reads the record.</summary>
    /// <param name="encoded">The message's bytes.</param>
    public LogRecordView(ReadOnlySpan<byte> encoded)
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
                case (2, WireType.Varint):
                    SeverityNumber = fields.Number;
                    break;
                case (3, WireType.LengthDelimited):
                    SeverityText = fields.Content;
                    break;
                case (5, WireType.LengthDelimited):
                    _body = fields.Content;
                    break;
                case (7, WireType.Varint):
                    DroppedAttributesCount = fields.Number;
                    break;
                case (8, WireType.Fixed32):
                    Flags = fields.Number;
                    break;
                case (9, WireType.LengthDelimited):
                    TraceId = fields.Content;
                    break;
                case (10, WireType.LengthDelimited):
                    SpanId = fields.Content;
                    break;
                case (11, WireType.Fixed64):
                    ObservedNs = fields.Number;
                    break;
                case (12, WireType.LengthDelimited):
                    EventName = fields.Content;
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>The record's bytes.</summary>
    public ReadOnlySpan<byte> Encoded { get; }

    /// <summary>Time of the event in nanoseconds since the Unix epoch; 0 if missing.</summary>
    public ulong TimeNs { get; }

    /// <summary>Time of observation in nanoseconds since the Unix epoch; 0 if missing.</summary>
    public ulong ObservedNs { get; }

    /// <summary>The severity number, 1 to 24; 0 if missing.</summary>
    public ulong SeverityNumber { get; }

    /// <summary>The severity as the source spells it.</summary>
    public ReadOnlySpan<byte> SeverityText { get; }

    /// <summary>The body; an empty value if missing.</summary>
    public AnyValueView Body => new(_body);

    /// <summary>Flags: the low 8 bits are the W3C trace flags.</summary>
    public ulong Flags { get; }

    /// <summary>The trace id, 16 bytes; empty if missing.</summary>
    public ReadOnlySpan<byte> TraceId { get; }

    /// <summary>The span id, 8 bytes; empty if missing.</summary>
    public ReadOnlySpan<byte> SpanId { get; }

    /// <summary>The event name; empty for a record that is not an event.</summary>
    public ReadOnlySpan<byte> EventName { get; }

    /// <summary>Number of attributes the sender dropped.</summary>
    public ulong DroppedAttributesCount { get; }

    /// <summary>The attributes.</summary>
    public AttributeEnumerator Attributes => new(Encoded, 6);
}
