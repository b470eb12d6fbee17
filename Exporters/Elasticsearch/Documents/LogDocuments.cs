using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Views;
using TelemetryPipeline.Transfers.AttributionEvents;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>Writes log records, attributions among them. Not thread-safe.</summary>
internal sealed class LogDocuments(Surroundings around, EncoderOptions options, EcsDocuments ecs) : IDisposable
{
    private const ulong NsPerTick = 100;

    private readonly RecordFields _attributes = new();

    // How often each content was seen in this batch: two equal log lines are two lines.
    private readonly Dictionary<UInt128, int> _seen = [];

    /// <summary>Begins a batch.</summary>
    public void Clear() => _seen.Clear();

    /// <summary>Writes a log record.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="encoded">The record, in the chunk.</param>
    /// <param name="output">Takes the document.</param>
    public void Write(ReadOnlyMemory<byte> chunk, ReadOnlySpan<byte> encoded, BulkBuffer output)
    {
        var bytes = chunk.Span;
        var log = new LogRecordView(encoded);
        _attributes.Read(bytes, log.Attributes);
        var route = around.RouteOf(bytes, StreamType.Logs, _attributes.Routing);
        Begin(bytes, log, route, output);
        output.BeginDocument();
        var timeNs = log.TimeNs != 0 ? log.TimeNs : log.ObservedNs != 0 ? log.ObservedNs : NowNs();
        if (around.Mode == MappingMode.Ecs)
        {
            ecs.WriteLog(chunk, _attributes, timeNs, log, route, output.Json);
        }
        else
        {
            WriteOtel(chunk, timeNs, log, route, output.Json);
        }

        output.End(items: 1);
    }

    /// <inheritdoc/>
    public void Dispose() => _attributes.Dispose();

    private void Begin(ReadOnlySpan<byte> bytes, in LogRecordView log, Route route, BulkBuffer output)
    {
        var own = options.LogsDynamicId ? _attributes.Routing.DocumentId(bytes) : default;
        if (own.IsEmpty)
        {
            Span<byte> id = stackalloc byte[DocumentId.Length];
            DocumentId.Write(HashOf(log), id);
            output.Begin(route, id);
        }
        else
        {
            output.Begin(route, JsonEncodedText.Encode(Encoding.UTF8.GetString(own)).EncodedUtf8Bytes);
        }

        var pipeline = options.LogsDynamicPipeline ? _attributes.Routing.Pipeline(bytes) : default;
        if (!pipeline.IsEmpty)
        {
            output.Bytes.Write(",\"pipeline\":\""u8);
            output.Bytes.Write(JsonEncodedText.Encode(Encoding.UTF8.GetString(pipeline)).EncodedUtf8Bytes);
            output.Bytes.Write("\""u8);
        }
    }

    private UInt128 HashOf(in LogRecordView log)
    {
        if (log.EventName.SequenceEqual(AttributionKeys.EventName) && IdentityOfAttribution(log) is { } identity)
        {
            return identity;
        }

        var content = DocumentId.Combine(2, DocumentId.Hash(log.Encoded), around.ResourceHash, around.ScopeHash, 0);
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_seen, content, out _);
        return count++ == 0 ? content : DocumentId.Combine(3, content, 0, 0, (ulong)count);
    }

    // An attribution is its event in one revision and state, whenever it was observed.
    private static UInt128? IdentityOfAttribution(in LogRecordView log)
    {
        UInt128 hash = 0;
        var hasId = false;
        foreach (var attribute in log.Attributes)
        {
            var key = attribute.Key;
            var isId = key.SequenceEqual(AttributionKeys.EventId);
            if (isId || key.SequenceEqual(AttributionKeys.Revision) || key.SequenceEqual(AttributionKeys.State))
            {
                hasId |= isId;

                // Added up, so that the order of attributes does not matter.
                hash += DocumentId.Combine(
                    4, DocumentId.Hash(key), DocumentId.Hash(attribute.EncodedValue), 0, 0);
            }
        }

        return hasId ? hash : null;
    }

    private static void WriteBody(Utf8JsonWriter json, in AnyValueView body)
    {
        if (body.Kind == AnyValueKind.Empty)
        {
            return;
        }

        json.WriteStartObject("body"u8);
        if (body.Kind == AnyValueKind.KeyValueList)
        {
            json.WritePropertyName("structured"u8);
            JsonValues.Write(json, body);
        }
        else if (body.Kind == AnyValueKind.Array)
        {
            json.WriteStartObject("structured"u8);
            json.WritePropertyName("value"u8);
            JsonValues.Write(json, body);
            json.WriteEndObject();
        }
        else
        {
            json.WritePropertyName("text"u8);
            JsonValues.WriteAsText(json, body);
        }

        json.WriteEndObject();
    }

    private void WriteOtel(ReadOnlyMemory<byte> chunk, ulong timeNs, in LogRecordView log, Route route, Utf8JsonWriter json)
    {
        RecordWriter.WriteHead(json, timeNs, route);
        if (log.ObservedNs > 0)
        {
            json.WritePropertyName("observed_timestamp"u8);
            Timestamps.WriteMillis(json, log.ObservedNs);
        }

        RecordWriter.WriteText(json, "severity_text"u8, log.SeverityText);
        RecordWriter.WriteCount(json, "severity_number"u8, log.SeverityNumber);
        RecordWriter.WriteId(json, "trace_id"u8, log.TraceId);
        RecordWriter.WriteId(json, "span_id"u8, log.SpanId);
        RecordWriter.WriteText(json, "event_name"u8, log.EventName);
        WriteBody(json, log.Body);
        _attributes.FillList(chunk.Span);
        _attributes.List.Resolve(chunk);
        RecordWriter.WriteAttributes(json, chunk.Span, _attributes.List);
        RecordWriter.WriteCount(json, "dropped_attributes_count"u8, log.DroppedAttributesCount);
        RecordWriter.WriteTail(json, around);
    }

    private ulong NowNs() => (ulong)(options.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * NsPerTick;
}
