using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Otlp.Views;

/// <summary>An encoded <c>Span</c>, read in one pass; attributes, events and links are read on demand.</summary>
/// <remarks>
/// Of several occurrences of a field the last one counts. Valid as long as the bytes it was created from.
/// <see cref="SpanRecord"/> has what the hot path needs; this view is for encoders, which need every field.
/// </remarks>
public ref struct SpanView
{
    /// <summary>Reads the span.</summary>
    /// <param name="encoded">The message's bytes.</param>
    public SpanView(ReadOnlySpan<byte> encoded)
    {
        Encoded = encoded;
        var fields = new WireReader(encoded);
        while (fields.Next())
        {
            if (fields.Type == WireType.LengthDelimited)
            {
                ReadContent(fields);
            }
            else
            {
                ReadNumber(fields.Field, fields.Number);
            }
        }
    }

    /// <summary>The span's bytes.</summary>
    public ReadOnlySpan<byte> Encoded { get; }

    /// <summary>The trace id, 16 bytes; empty if missing.</summary>
    public ReadOnlySpan<byte> TraceId { get; private set; }

    /// <summary>The span id, 8 bytes; empty if missing.</summary>
    public ReadOnlySpan<byte> SpanId { get; private set; }

    /// <summary>The parent's span id, 8 bytes; empty for a root span.</summary>
    public ReadOnlySpan<byte> ParentSpanId { get; private set; }

    /// <summary>The W3C trace state.</summary>
    public ReadOnlySpan<byte> TraceState { get; private set; }

    /// <summary>The name in UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The kind's number, also one unknown to <see cref="SpanKind"/>.</summary>
    public ulong Kind { get; private set; }

    /// <summary>Flags: the low 8 bits are the W3C trace flags.</summary>
    public ulong Flags { get; private set; }

    /// <summary>Start in nanoseconds since the Unix epoch; 0 if missing.</summary>
    public ulong StartNs { get; private set; }

    /// <summary>End in nanoseconds since the Unix epoch; 0 if missing.</summary>
    public ulong EndNs { get; private set; }

    /// <summary>The status code's number, also one unknown to <see cref="SpanStatusCode"/>.</summary>
    public ulong StatusCode { get; private set; }

    /// <summary>The status message in UTF-8.</summary>
    public ReadOnlySpan<byte> StatusMessage { get; private set; }

    /// <summary>Number of attributes the sender dropped.</summary>
    public ulong DroppedAttributesCount { get; private set; }

    /// <summary>Number of events the sender dropped.</summary>
    public ulong DroppedEventsCount { get; private set; }

    /// <summary>Number of links the sender dropped.</summary>
    public ulong DroppedLinksCount { get; private set; }

    /// <summary>Number of events.</summary>
    public int EventCount { get; private set; }

    /// <summary>Number of links.</summary>
    public int LinkCount { get; private set; }

    /// <summary>The attributes.</summary>
    public readonly AttributeEnumerator Attributes => new(Encoded, 9);

    /// <summary>Encoded events; see <see cref="SpanEventView"/>.</summary>
    public readonly MessageEnumerator Events => new(Encoded, 11);

    /// <summary>Encoded links; see <see cref="SpanLinkView"/>.</summary>
    public readonly MessageEnumerator Links => new(Encoded, 13);

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
                EventCount++;
                break;
            case 13:
                LinkCount++;
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
                DroppedAttributesCount = number;
                break;
            case 12:
                DroppedEventsCount = number;
                break;
            case 14:
                DroppedLinksCount = number;
                break;
            case 16:
                Flags = number;
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
