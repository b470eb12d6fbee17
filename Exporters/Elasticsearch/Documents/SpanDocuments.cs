using System.Buffers.Binary;
using System.Text.Json;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Views;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>Writes spans, and their events as log documents. Not thread-safe.</summary>
internal sealed class SpanDocuments(Surroundings around, EcsDocuments ecs) : IDisposable
{
    private readonly RecordFields _attributes = new();
    private readonly RecordFields _inner = new();

    /// <summary>Writes a span and its events.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="encoded">The span, in the chunk.</param>
    /// <param name="output">Takes the documents.</param>
    public void Write(ReadOnlyMemory<byte> chunk, ReadOnlySpan<byte> encoded, BulkBuffer output)
    {
        var bytes = chunk.Span;
        var span = new SpanView(encoded);
        _attributes.Read(bytes, span.Attributes);
        var hash = HashOf(span);
        var route = around.RouteOf(bytes, StreamType.Traces, _attributes.Routing);
        Span<byte> id = stackalloc byte[DocumentId.Length];
        DocumentId.Write(hash, id);
        output.Begin(route, id);
        output.BeginDocument();
        if (around.Mode == MappingMode.Ecs)
        {
            ecs.WriteSpan(chunk, _attributes, span, route, output.Json);
        }
        else
        {
            WriteOtel(chunk, span, route, output.Json);
        }

        output.End(items: 1);
        if (span.EventCount == 0)
        {
            return;
        }

        ulong number = 0;
        foreach (var item in span.Events)
        {
            WriteEvent(chunk, new SpanEventView(item), span, hash, number++, output);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _attributes.Dispose();
        _inner.Dispose();
    }

    // A span is its ids, kind and start: whatever else a sender or a processor changes, it is the same span. One
    // without ids is its content.
    private static UInt128 HashOf(in SpanView span)
    {
        if (span.TraceId.Length != 16 || span.SpanId.Length != 8)
        {
            return DocumentId.Hash(span.Encoded);
        }

        Span<byte> identity = stackalloc byte[34];
        identity[0] = (byte)StreamType.Traces;
        identity[1] = (byte)span.Kind;
        span.TraceId.CopyTo(identity[2..]);
        span.SpanId.CopyTo(identity[18..]);
        BinaryPrimitives.WriteUInt64BigEndian(identity[26..], span.StartNs);
        return DocumentId.Hash(identity);
    }

    private static ReadOnlySpan<byte> StatusName(ulong code) => code switch
    {
        1 => "Ok"u8,
        2 => "Error"u8,
        _ => "Unset"u8,
    };

    private void WriteOtel(ReadOnlyMemory<byte> chunk, in SpanView span, Route route, Utf8JsonWriter json)
    {
        var bytes = chunk.Span;
        RecordWriter.WriteHead(json, span.StartNs, route);
        RecordWriter.WriteId(json, "trace_id"u8, span.TraceId);
        RecordWriter.WriteId(json, "span_id"u8, span.SpanId);
        RecordWriter.WriteText(json, "trace_state"u8, span.TraceState);
        RecordWriter.WriteId(json, "parent_span_id"u8, span.ParentSpanId);
        json.WritePropertyName("name"u8);
        JsonValues.WriteText(json, span.Name);
        json.WriteString("kind"u8, RecordWriter.KindName(span.Kind));
        if (SpanTimings.DurationNs(span.StartNs, span.EndNs) is { } durationNs)
        {
            json.WriteNumber("duration"u8, durationNs);
        }

        _attributes.FillList(bytes);
        _attributes.List.Resolve(chunk);
        RecordWriter.WriteAttributes(json, bytes, _attributes.List);
        RecordWriter.WriteCount(json, "dropped_attributes_count"u8, span.DroppedAttributesCount);
        RecordWriter.WriteCount(json, "dropped_events_count"u8, span.DroppedEventsCount);
        if (span.LinkCount > 0)
        {
            WriteLinks(chunk, span, json);
        }

        RecordWriter.WriteCount(json, "dropped_links_count"u8, span.DroppedLinksCount);
        json.WriteStartObject("status"u8);
        RecordWriter.WriteText(json, "message"u8, span.StatusMessage);
        json.WriteString("code"u8, StatusName(span.StatusCode));
        json.WriteEndObject();
        RecordWriter.WriteTail(json, around);
    }

    private void WriteLinks(ReadOnlyMemory<byte> chunk, in SpanView span, Utf8JsonWriter json)
    {
        json.WriteStartArray("links"u8);
        foreach (var link in span.Links)
        {
            json.WriteStartObject();
            WriteLink(chunk, new SpanLinkView(link), json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteLink(ReadOnlyMemory<byte> chunk, in SpanLinkView link, Utf8JsonWriter json)
    {
        RecordWriter.WriteId(json, "trace_id"u8, link.TraceId);
        RecordWriter.WriteId(json, "span_id"u8, link.SpanId);
        RecordWriter.WriteText(json, "trace_state"u8, link.TraceState);
        _inner.Read(chunk.Span, link.Attributes);
        _inner.FillList(chunk.Span);
        _inner.List.Resolve(chunk);
        RecordWriter.WriteAttributes(json, chunk.Span, _inner.List);
        RecordWriter.WriteCount(json, "dropped_attributes_count"u8, link.DroppedAttributesCount);
    }

    private void WriteEvent(
        ReadOnlyMemory<byte> chunk, in SpanEventView item, in SpanView span, UInt128 spanHash, ulong number, BulkBuffer output)
    {
        var bytes = chunk.Span;
        _inner.Read(bytes, item.Attributes);
        var timeNs = item.TimeNs == 0 ? span.StartNs : item.TimeNs;
        var route = around.RouteOf(bytes, StreamType.Logs, _inner.Routing);
        Span<byte> id = stackalloc byte[DocumentId.Length];
        DocumentId.Write(DocumentId.Combine(1, spanHash, DocumentId.Hash(item.Encoded), 0, number), id);
        output.Begin(route, id);
        output.BeginDocument();
        var json = output.Json;
        if (around.Mode == MappingMode.Ecs)
        {
            ecs.WriteEvent(chunk, _inner, timeNs, item.Name, span, route, json);
        }
        else
        {
            RecordWriter.WriteHead(json, timeNs, route);
            RecordWriter.WriteId(json, "trace_id"u8, span.TraceId);
            RecordWriter.WriteId(json, "span_id"u8, span.SpanId);
            RecordWriter.WriteText(json, "event_name"u8, item.Name);
            _inner.FillList(bytes);
            _inner.List.AddText("event.name"u8, item.Name);
            _inner.List.Resolve(chunk);
            RecordWriter.WriteAttributes(json, bytes, _inner.List);
            RecordWriter.WriteCount(json, "dropped_attributes_count"u8, item.DroppedAttributesCount);
            RecordWriter.WriteTail(json, around);
        }

        output.End(items: 0);
    }
}
