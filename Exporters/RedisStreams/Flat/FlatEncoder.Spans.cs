using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Views;

namespace TelemetryPipeline.Exporters.RedisStreams.Flat;

/// <content>Spans.</content>
internal sealed partial class FlatEncoder
{
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
        if (span.DurationNs is { } durationNs)
        {
            entry.Number("duration_ns"u8, durationNs);
        }

        entry.Text("status_code"u8, StatusText(span.StatusCode));
        entry.TextIfAny("status_message"u8, view.StatusMessage(span));
        WriteAttributes(view.Attributes(span.Node), entry);
        WriteEvents(new SpanView(view.ReceivedBytes(span.Node)), entry);
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

    /// <summary>Counts events and links, and writes the first exception; the OTLP encodings have all of them.</summary>
    private void WriteEvents(in SpanView span, EntryBuffer entry)
    {
        if (span.EventCount > 0)
        {
            entry.Number("events"u8, (long)span.EventCount);
        }

        if (span.LinkCount > 0)
        {
            entry.Number("links"u8, (long)span.LinkCount);
        }

        foreach (var encoded in span.Events)
        {
            var spanEvent = new SpanEventView(encoded);
            if (spanEvent.Name.SequenceEqual("exception"u8))
            {
                WriteException(spanEvent, entry);
                return;
            }
        }
    }

    private void WriteException(in SpanEventView exception, EntryBuffer entry)
    {
        foreach (var attribute in exception.Attributes)
        {
            var key = attribute.Key;
            if ((key.SequenceEqual("exception.type"u8) || key.SequenceEqual("exception.message"u8)) && !entry.Has(key))
            {
                entry.Begin(key);
                _values.Write(attribute.Value, entry);
                entry.End();
            }
        }
    }
}
