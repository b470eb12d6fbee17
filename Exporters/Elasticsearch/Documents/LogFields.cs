using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>The fields of a log record, read in one pass. Attributes go to a list meanwhile.</summary>
internal ref struct LogFields
{
    /// <summary>Reads a log record.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="at">Offset of the record.</param>
    /// <param name="length">Its length.</param>
    /// <param name="attributes">Takes the attributes.</param>
    public LogFields(ReadOnlySpan<byte> chunk, int at, int length, RecordFields attributes)
    {
        var fields = new WireReader(chunk, at, length);
        while (fields.Next())
        {
            switch (fields.Field, fields.Type)
            {
                case (1, WireType.Fixed64):
                    TimeNs = fields.Number;
                    break;
                case (2, WireType.Varint):
                    Severity = fields.Number;
                    break;
                case (3, WireType.LengthDelimited):
                    SeverityText = fields.Content;
                    break;
                case (5, WireType.LengthDelimited):
                    Body = fields.Content;
                    break;
                case (6, WireType.LengthDelimited):
                    attributes.Add(chunk, fields.ValueOffset, fields.ValueLength);
                    break;
                case (7, WireType.Varint):
                    DroppedAttributes = fields.Number;
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

    /// <summary>When it happened in nanoseconds; 0 where it is not said.</summary>
    public ulong TimeNs { get; }

    /// <summary>When it was seen in nanoseconds; 0 where it is not said.</summary>
    public ulong ObservedNs { get; }

    /// <summary>The severity number; 0 where it is not said.</summary>
    public ulong Severity { get; }

    /// <summary>The severity in the words of the source.</summary>
    public ReadOnlySpan<byte> SeverityText { get; }

    /// <summary>The encoded body; empty where there is none.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>Attributes that were dropped before.</summary>
    public ulong DroppedAttributes { get; }

    /// <summary>The trace's id; empty where there is none.</summary>
    public ReadOnlySpan<byte> TraceId { get; }

    /// <summary>The span's id; empty where there is none.</summary>
    public ReadOnlySpan<byte> SpanId { get; }

    /// <summary>The event's name; empty where it is no event.</summary>
    public ReadOnlySpan<byte> EventName { get; }
}
