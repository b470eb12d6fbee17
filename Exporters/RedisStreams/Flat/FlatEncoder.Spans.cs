using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Exporters.RedisStreams.Flat;

/// <content>Spans.</content>
internal sealed partial class FlatEncoder
{
    private const int EventsField = 11;
    private const int LinksField = 13;
    private const int EventNameField = 2;
    private const int EventAttributesField = 3;

    private void EncodeSpan(OtlpView view, int item, EntryBuffer entry)
    {
        ref readonly var span = ref view.Spans[item];
        entry.Text("type"u8, "span"u8);
        entry.Append(_resource);
        entry.TraceId("trace_id"u8, span.TraceIdHigh, span.TraceIdLow);
        entry.SpanId("span_id"u8, span.SpanId);
        entry.SpanId("parent_span_id"u8, span.ParentSpanId);
        entry.Text("name"u8, view.Name(span));
        entry.Text("kind"u8, KindText(span.Kind));
        entry.Number("start_ns"u8, span.StartNs);
        entry.Number("end_ns"u8, span.EndNs);
        entry.Number("duration_ns"u8, span.DurationNs);
        entry.Text("status_code"u8, StatusText(span.StatusCode));
        entry.TextIfAny("status_message"u8, view.StatusMessage(span));
        WriteAttributes(view.Attributes(span.Node), entry);
        WriteEvents(view.ReceivedBytes(span.Node), entry);
    }

    private static ReadOnlySpan<byte> KindText(SpanKind kind) => kind switch
    {
        SpanKind.Internal => "INTERNAL"u8,
        SpanKind.Server => "SERVER"u8,
        SpanKind.Client => "CLIENT"u8,
        SpanKind.Producer => "PRODUCER"u8,
        SpanKind.Consumer => "CONSUMER"u8,
        _ => "UNSPECIFIED"u8,
    };

    private static ReadOnlySpan<byte> StatusText(SpanStatusCode code) => code switch
    {
        SpanStatusCode.Ok => "OK"u8,
        SpanStatusCode.Error => "ERROR"u8,
        _ => "UNSET"u8,
    };

    /// <summary>Counts events and links, and shows what the first exception says; all else of them is in the OTLP encodings.</summary>
    private void WriteEvents(ReadOnlySpan<byte> span, EntryBuffer entry)
    {
        var events = 0;
        var links = 0;
        ReadOnlySpan<byte> exception = default;
        var fields = new WireReader(span);
        while (fields.Next())
        {
            if (fields is { Field: EventsField, Type: WireType.LengthDelimited })
            {
                events++;
                if (exception.IsEmpty && IsException(fields.Content))
                {
                    exception = fields.Content;
                }
            }
            else if (fields is { Field: LinksField, Type: WireType.LengthDelimited })
            {
                links++;
            }
        }

        if (events > 0)
        {
            entry.Number("events"u8, (long)events);
        }

        if (links > 0)
        {
            entry.Number("links"u8, (long)links);
        }

        WriteException(exception, entry);
    }

    private static bool IsException(ReadOnlySpan<byte> message)
    {
        var fields = new WireReader(message);
        while (fields.Next())
        {
            if (fields is { Field: EventNameField, Type: WireType.LengthDelimited } && fields.Content.SequenceEqual("exception"u8))
            {
                return true;
            }
        }

        return false;
    }

    private void WriteException(ReadOnlySpan<byte> message, EntryBuffer entry)
    {
        var fields = new WireReader(message);
        while (fields.Next())
        {
            if (fields is not { Field: EventAttributesField, Type: WireType.LengthDelimited })
            {
                continue;
            }

            ReadKeyValue(fields.Content, out var key, out var value);
            if ((key.SequenceEqual("exception.type"u8) || key.SequenceEqual("exception.message"u8)) && !entry.Has(key))
            {
                entry.Begin(key);
                _values.Write(new AnyValueView(value), entry);
                entry.End();
            }
        }
    }

    private static void ReadKeyValue(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = default;
        value = default;
        var fields = new WireReader(message);
        while (fields.Next())
        {
            if (fields.Type == WireType.LengthDelimited && fields.Field == 1)
            {
                key = fields.Content;
            }
            else if (fields.Type == WireType.LengthDelimited && fields.Field == 2)
            {
                value = fields.Content;
            }
        }
    }
}
