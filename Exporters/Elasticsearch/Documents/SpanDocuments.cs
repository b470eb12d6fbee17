using System.Buffers.Binary;
using System.Text.Json;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>Writes spans, and their events as log documents. Not thread-safe.</summary>
internal sealed class SpanDocuments(Surroundings around, EcsDocuments ecs) : IDisposable
{
    private const int EventField = 11;
    private const int LinkField = 13;

    private readonly RecordFields _attributes = new();
    private readonly RecordFields _inner = new();

    /// <summary>Writes a span and its events.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="at">Offset of the span.</param>
    /// <param name="length">Its length.</param>
    /// <param name="output">Takes the documents.</param>
    public void Write(ReadOnlyMemory<byte> chunk, int at, int length, BulkBuffer output)
    {
        var bytes = chunk.Span;
        _attributes.Clear();
        var span = new SpanFields(bytes, at, length, _attributes);
        var hash = HashOf(span, bytes.Slice(at, length));
        var route = around.RouteOf(bytes, StreamType.Traces, _attributes.Routing);
        Span<byte> id = stackalloc byte[DocumentId.Length];
        DocumentId.Write(hash, id);
        output.Begin(route, id);
        output.BeginDocument();
        if (around.Mode == MappingMode.Ecs)
        {
            ecs.WriteSpan(chunk, at, length, span, route, output.Json);
        }
        else
        {
            WriteOtel(chunk, at, length, span, route, output.Json);
        }

        output.End(items: 1);
        if (span.HasEvents)
        {
            WriteEvents(chunk, at, length, span, hash, output);
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
    private static UInt128 HashOf(in SpanFields span, ReadOnlySpan<byte> message)
    {
        if (span.TraceId.Length != 16 || span.SpanId.Length != 8)
        {
            return DocumentId.Hash(message);
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

    private void WriteOtel(ReadOnlyMemory<byte> chunk, int at, int length, in SpanFields span, Route route, Utf8JsonWriter json)
    {
        var bytes = chunk.Span;
        RecordWriter.WriteHead(json, span.StartNs, route);
        RecordWriter.WriteId(json, "trace_id"u8, span.TraceId);
        RecordWriter.WriteId(json, "span_id"u8, span.SpanId);
        RecordWriter.WriteText(json, "trace_state"u8, span.TraceState);
        RecordWriter.WriteId(json, "parent_span_id"u8, span.ParentSpanId);
        json.WritePropertyName("name"u8);
        JsonValues.WriteText(json, span.Name);
        json.WriteString("kind"u8, span.KindName);
        if (span.DurationNs is { } durationNs)
        {
            json.WriteNumber("duration"u8, durationNs);
        }

        _attributes.List.Resolve(chunk);
        RecordWriter.WriteAttributes(json, bytes, _attributes.List);
        RecordWriter.WriteCount(json, "dropped_attributes_count"u8, span.DroppedAttributes);
        RecordWriter.WriteCount(json, "dropped_events_count"u8, span.DroppedEvents);
        if (span.HasLinks)
        {
            WriteLinks(chunk, at, length, json);
        }

        RecordWriter.WriteCount(json, "dropped_links_count"u8, span.DroppedLinks);
        json.WriteStartObject("status"u8);
        RecordWriter.WriteText(json, "message"u8, span.StatusMessage);
        json.WriteString("code"u8, StatusName(span.StatusCode));
        json.WriteEndObject();
        RecordWriter.WriteTail(json, around);
    }

    private void WriteLinks(ReadOnlyMemory<byte> chunk, int at, int length, Utf8JsonWriter json)
    {
        json.WriteStartArray("links"u8);
        var fields = new WireReader(chunk.Span, at, length);
        while (fields.Next())
        {
            if (fields is { Field: LinkField, Type: WireType.LengthDelimited })
            {
                json.WriteStartObject();
                WriteLink(chunk, fields.ValueOffset, fields.ValueLength, json);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    private void WriteLink(ReadOnlyMemory<byte> chunk, int at, int length, Utf8JsonWriter json)
    {
        _inner.Clear();
        ulong dropped = 0;
        var fields = new WireReader(chunk.Span, at, length);
        while (fields.Next())
        {
            switch (fields.Field, fields.Type)
            {
                case (4, WireType.LengthDelimited):
                    _inner.Add(chunk.Span, fields.ValueOffset, fields.ValueLength);
                    break;
                case (5, WireType.Varint):
                    dropped = fields.Number;
                    break;
                default:
                    break;
            }
        }

        var link = chunk.Span.Slice(at, length);
        RecordWriter.WriteId(json, "trace_id"u8, RecordWriter.Bytes(link, 1));
        RecordWriter.WriteId(json, "span_id"u8, RecordWriter.Bytes(link, 2));
        RecordWriter.WriteText(json, "trace_state"u8, RecordWriter.Bytes(link, 3));
        _inner.List.Resolve(chunk);
        RecordWriter.WriteAttributes(json, chunk.Span, _inner.List);
        RecordWriter.WriteCount(json, "dropped_attributes_count"u8, dropped);
    }

    private void WriteEvents(
        ReadOnlyMemory<byte> chunk, int at, int length, in SpanFields span, UInt128 spanHash, BulkBuffer output)
    {
        ulong number = 0;
        var fields = new WireReader(chunk.Span, at, length);
        while (fields.Next())
        {
            if (fields is { Field: EventField, Type: WireType.LengthDelimited })
            {
                WriteEvent(chunk, fields.ValueOffset, fields.ValueLength, span, spanHash, number++, output);
            }
        }
    }

    private void WriteEvent(
        ReadOnlyMemory<byte> chunk, int at, int length, in SpanFields span, UInt128 spanHash, ulong number, BulkBuffer output)
    {
        _inner.Clear();
        ulong timeNs = 0;
        ulong dropped = 0;
        ReadOnlySpan<byte> name = default;
        var bytes = chunk.Span;
        var fields = new WireReader(bytes, at, length);
        while (fields.Next())
        {
            switch (fields.Field, fields.Type)
            {
                case (1, WireType.Fixed64):
                    timeNs = fields.Number;
                    break;
                case (2, WireType.LengthDelimited):
                    name = fields.Content;
                    break;
                case (3, WireType.LengthDelimited):
                    _inner.Add(bytes, fields.ValueOffset, fields.ValueLength);
                    break;
                case (4, WireType.Varint):
                    dropped = fields.Number;
                    break;
                default:
                    break;
            }
        }

        timeNs = timeNs == 0 ? span.StartNs : timeNs;
        var route = around.RouteOf(bytes, StreamType.Logs, _inner.Routing);
        Span<byte> id = stackalloc byte[DocumentId.Length];
        DocumentId.Write(DocumentId.Combine(1, spanHash, DocumentId.Hash(bytes.Slice(at, length)), 0, number), id);
        output.Begin(route, id);
        output.BeginDocument();
        var json = output.Json;
        if (around.Mode == MappingMode.Ecs)
        {
            ecs.WriteEvent(chunk, at, length, timeNs, name, span, route, json);
        }
        else
        {
            RecordWriter.WriteHead(json, timeNs, route);
            RecordWriter.WriteId(json, "trace_id"u8, span.TraceId);
            RecordWriter.WriteId(json, "span_id"u8, span.SpanId);
            RecordWriter.WriteText(json, "event_name"u8, name);
            _inner.List.AddText("event.name"u8, name);
            _inner.List.Resolve(chunk);
            RecordWriter.WriteAttributes(json, bytes, _inner.List);
            RecordWriter.WriteCount(json, "dropped_attributes_count"u8, dropped);
            RecordWriter.WriteTail(json, around);
        }

        output.End(items: 0);
    }
}
