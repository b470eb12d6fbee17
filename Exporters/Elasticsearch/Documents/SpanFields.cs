using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>The fields of a span, read in one pass. Attributes go to a list meanwhile.</summary>
internal ref struct SpanFields
{
    /// <summary>Reads a span.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="at">Offset of the span.</param>
    /// <param name="length">Its length.</param>
    /// <param name="attributes">Takes the attributes.</param>
    public SpanFields(ReadOnlySpan<byte> chunk, int at, int length, RecordFields attributes)
    {
        var fields = new WireReader(chunk, at, length);
        while (fields.Next())
        {
            switch (fields.Type)
            {
                case WireType.LengthDelimited when fields.Field == 9:
                    attributes.Add(chunk, fields.ValueOffset, fields.ValueLength);
                    break;
                case WireType.LengthDelimited:
                    ReadContent(fields);
                    break;
                default:
                    ReadNumber(fields.Field, fields.Number);
                    break;
            }
        }
    }

    /// <summary>The trace's id; empty where it is missing.</summary>
    public ReadOnlySpan<byte> TraceId { get; private set; }

    /// <summary>The span's id; empty where it is missing.</summary>
    public ReadOnlySpan<byte> SpanId { get; private set; }

    /// <summary>The parent's id; empty for a root.</summary>
    public ReadOnlySpan<byte> ParentSpanId { get; private set; }

    /// <summary>The trace state.</summary>
    public ReadOnlySpan<byte> TraceState { get; private set; }

    /// <summary>The name.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The status message.</summary>
    public ReadOnlySpan<byte> StatusMessage { get; private set; }

    /// <summary>The status code: 0 unset, 1 OK, 2 error.</summary>
    public ulong StatusCode { get; private set; }

    /// <summary>The kind's number.</summary>
    public ulong Kind { get; private set; }

    /// <summary>Start in nanoseconds.</summary>
    public ulong StartNs { get; private set; }

    /// <summary>End in nanoseconds.</summary>
    public ulong EndNs { get; private set; }

    /// <summary>Attributes that were dropped before.</summary>
    public ulong DroppedAttributes { get; private set; }

    /// <summary>Events that were dropped before.</summary>
    public ulong DroppedEvents { get; private set; }

    /// <summary>Links that were dropped before.</summary>
    public ulong DroppedLinks { get; private set; }

    /// <summary>Whether there are events.</summary>
    public bool HasEvents { get; private set; }

    /// <summary>Whether there are links.</summary>
    public bool HasLinks { get; private set; }

    /// <summary>End minus start in nanoseconds; null where one is missing or clocks went backwards.</summary>
    public readonly long? DurationNs => SpanTimings.DurationNs(StartNs, EndNs);

    /// <summary>The kind in words.</summary>
    public readonly ReadOnlySpan<byte> KindName => Kind switch
    {
        1 => "Internal"u8,
        2 => "Server"u8,
        3 => "Client"u8,
        4 => "Producer"u8,
        5 => "Consumer"u8,
        _ => "Unspecified"u8,
    };

    private void ReadContent(in WireReader fields)
    {
        switch (fields.Field)
        {
            case 1:
                TraceId = fields.Content;
                break;
            case 2:
                SpanId = fields.Content;
                break;
            case 3:
                TraceState = fields.Content;
                break;
            case 4:
                ParentSpanId = fields.Content;
                break;
            case 5:
                Name = fields.Content;
                break;
            case 11:
                HasEvents = true;
                break;
            case 13:
                HasLinks = true;
                break;
            case 15:
                ReadStatus(fields.Content);
                break;
            default:
                break;
        }
    }

    private void ReadNumber(int field, ulong number)
    {
        switch (field)
        {
            case 6:
                Kind = number;
                break;
            case 7:
                StartNs = number;
                break;
            case 8:
                EndNs = number;
                break;
            case 10:
                DroppedAttributes = number;
                break;
            case 12:
                DroppedEvents = number;
                break;
            case 14:
                DroppedLinks = number;
                break;
            default:
                break;
        }
    }

    private void ReadStatus(ReadOnlySpan<byte> status)
    {
        var fields = new WireReader(status);
        while (fields.Next())
        {
            if (fields is { Field: 2, Type: WireType.LengthDelimited })
            {
                StatusMessage = fields.Content;
            }
            else if (fields is { Field: 3, Type: WireType.Varint })
            {
                StatusCode = fields.Number;
            }
        }
    }
}
