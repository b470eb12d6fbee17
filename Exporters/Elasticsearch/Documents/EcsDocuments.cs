using System.Text.Json;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Views;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>
/// Writes documents in the Elastic Common Schema: attributes at the top, those of the resource under the schema's names.
/// Of fields with one name the document's own wins, then the record's, the scope's, the resource's. Not thread-safe.
/// </summary>
internal sealed class EcsDocuments(Surroundings around) : IDisposable
{
    private const int IsoLength = 30;

    private readonly FieldList _fields = new();

    /// <summary>Writes a span's fields.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="span">The span.</param>
    /// <param name="route">Where it goes.</param>
    /// <param name="json">The writer, in the document.</param>
    public void WriteSpan(ReadOnlyMemory<byte> chunk, RecordFields attributes, in SpanView span, Route route, Utf8JsonWriter json)
    {
        Begin(span.StartNs, route, span.TraceId, span.SpanId);
        AddId("parent.id"u8, span.ParentSpanId);
        _fields.AddText("span.name"u8, span.Name);
        _fields.AddText("span.kind"u8, RecordWriter.KindName(span.Kind));
        if (SpanTimings.DurationNs(span.StartNs, span.EndNs) is { } durationNs)
        {
            _fields.AddNumber("event.duration"u8, durationNs);
        }

        _fields.AddText("event.outcome"u8, span.StatusCode switch { 1 => "success"u8, 2 => "failure"u8, _ => "unknown"u8 });
        AddText("event.reason"u8, span.StatusMessage);
        AddAttributes(chunk.Span, attributes);
        End(chunk, json);
    }

    /// <summary>Writes the fields of a span's event.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="timeNs">When it happened in nanoseconds.</param>
    /// <param name="name">Its name.</param>
    /// <param name="span">The span.</param>
    /// <param name="route">Where it goes.</param>
    /// <param name="json">The writer, in the document.</param>
    public void WriteEvent(
        ReadOnlyMemory<byte> chunk, RecordFields attributes, ulong timeNs, ReadOnlySpan<byte> name, in SpanView span, Route route,
        Utf8JsonWriter json)
    {
        Begin(timeNs, route, span.TraceId, span.SpanId);
        AddText("event.action"u8, name);
        AddAttributes(chunk.Span, attributes);
        End(chunk, json);
    }

    /// <summary>Writes a log record's fields.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="timeNs">When it happened in nanoseconds.</param>
    /// <param name="log">The record.</param>
    /// <param name="route">Where it goes.</param>
    /// <param name="json">The writer, in the document.</param>
    public void WriteLog(
        ReadOnlyMemory<byte> chunk, RecordFields attributes, ulong timeNs, in LogRecordView log, Route route, Utf8JsonWriter json)
    {
        Begin(timeNs, route, log.TraceId, log.SpanId);
        AddText("event.action"u8, log.EventName);
        AddText("log.level"u8, log.SeverityText);
        if (log.SeverityNumber > 0)
        {
            _fields.AddNumber("event.severity"u8, (long)log.SeverityNumber);
        }

        var body = log.Body;
        if (body.Kind == AnyValueKind.Text)
        {
            AddText("message"u8, body.Text);
        }
        else if (body.Kind != AnyValueKind.Empty)
        {
            using var text = new Outbound.PooledBuffer();
            body.WriteText(text);
            AddText("message"u8, text.WrittenSpan);
        }

        AddAttributes(chunk.Span, attributes);
        End(chunk, json);
    }

    /// <summary>Begins the document of a group of data points with the fields around them.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="attributes">The attributes of its points.</param>
    /// <param name="timeNs">Their time in nanoseconds.</param>
    /// <param name="route">Where it goes.</param>
    public void BeginPoints(ReadOnlyMemory<byte> chunk, RecordFields attributes, ulong timeNs, Route route)
    {
        Begin(timeNs, route, default, default);
        AddAttributes(chunk.Span, attributes);
        AddSurroundings(chunk.Span);
    }

    /// <summary>Takes in a point.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="name">The name of its field.</param>
    /// <param name="point">Its number.</param>
    public void AddPoint(ReadOnlyMemory<byte> chunk, ReadOnlySpan<byte> name, int point) => _fields.AddPoint(chunk.Span, name, point);

    /// <summary>Writes the document of a group of data points.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="json">The writer, in the document.</param>
    /// <param name="points">Writes the values of points.</param>
    public void EndPoints(ReadOnlyMemory<byte> chunk, Utf8JsonWriter json, IPointValues points)
    {
        _fields.Resolve(chunk);
        _fields.Write(chunk.Span, json, points);
    }

    /// <inheritdoc/>
    public void Dispose() => _fields.Dispose();

    private void Begin(ulong timeNs, Route route, ReadOnlySpan<byte> traceId, ReadOnlySpan<byte> spanId)
    {
        Span<byte> time = stackalloc byte[IsoLength];
        Timestamps.WriteIso(timeNs, time);
        _fields.Clear();
        _fields.AddText("@timestamp"u8, time);
        AddText("data_stream.type"u8, route.Type);
        AddText("data_stream.dataset"u8, route.Dataset);
        AddText("data_stream.namespace"u8, route.Namespace);
        AddId("trace.id"u8, traceId);
        AddId("span.id"u8, spanId);
    }

    private void End(ReadOnlyMemory<byte> chunk, Utf8JsonWriter json)
    {
        AddSurroundings(chunk.Span);
        _fields.Resolve(chunk);
        _fields.Write(chunk.Span, json);
    }

    private void AddSurroundings(ReadOnlySpan<byte> chunk)
    {
        AddAttributes(chunk, around.Scope);
        AddResource(chunk);
    }

    private void AddText(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        if (!text.IsEmpty)
        {
            _fields.AddText(name, text);
        }
    }

    private void AddId(ReadOnlySpan<byte> name, ReadOnlySpan<byte> id)
    {
        if (id.Length is > 0 and <= 16 && id.ContainsAnyExcept((byte)0))
        {
            Span<byte> digits = stackalloc byte[32];
            Convert.TryToHexStringLower(id, digits, out var length);
            _fields.AddText(name, digits[..length]);
        }
    }

    private void AddAttributes(ReadOnlySpan<byte> chunk, RecordFields attributes)
    {
        foreach (ref readonly var attribute in attributes.Attributes)
        {
            Add(chunk, attribute, EcsNames.OfRecord(chunk.Slice(attribute.KeyAt, attribute.KeyLength)));
        }
    }

    private void AddResource(ReadOnlySpan<byte> chunk)
    {
        foreach (ref readonly var attribute in around.Resource.Attributes)
        {
            var key = chunk.Slice(attribute.KeyAt, attribute.KeyLength);
            Add(chunk, attribute, EcsNames.OfResource(key));
            if (key.SequenceEqual("host.name"u8))
            {
                _fields.Add(chunk, "host.hostname"u8, attribute);
            }
        }
    }

    private void Add(ReadOnlySpan<byte> chunk, in AttributeRange attribute, ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
        {
            _fields.Add(chunk, attribute);
        }
        else
        {
            _fields.Add(chunk, name, attribute);
        }
    }
}
