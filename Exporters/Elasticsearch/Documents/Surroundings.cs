using System.Buffers;
using System.Text.Json;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>
/// The resource and the scope of the records that are being encoded: written as JSON once, copied into each document.
/// Not thread-safe.
/// </summary>
internal sealed class Surroundings : IDisposable
{
    private const int StreamTypes = 3;

    private readonly EncoderOptions _options;
    private readonly RouteTable _routes;
    private readonly RecordFields _resource = new();
    private readonly RecordFields _scope = new();
    private readonly Utf8JsonWriter _json;
    private readonly PooledBuffer _resourceJson = new();
    private readonly PooledBuffer _scopeJson = new();
    private readonly Route?[] _scopeRoutes = new Route?[StreamTypes];
    private int _scopeNameAt;
    private int _scopeNameLength;

    /// <summary>No resource yet.</summary>
    /// <param name="options">How documents are made.</param>
    public Surroundings(EncoderOptions options)
    {
        _options = options;
        _routes = new RouteTable(options.FixedIndexes);
        _json = new Utf8JsonWriter((IBufferWriter<byte>)_resourceJson, JsonValues.Options);
    }

    /// <summary>The shape of the scope's documents.</summary>
    public MappingMode Mode { get; private set; }

    /// <summary>Scopes that asked for a shape that is not allowed.</summary>
    public long RefusedModes { get; private set; }

    /// <summary>The <c>resource</c> object.</summary>
    public ReadOnlySpan<byte> ResourceJson => _resourceJson.WrittenSpan;

    /// <summary>The <c>scope</c> object; empty where nothing is known.</summary>
    public ReadOnlySpan<byte> ScopeJson => _scopeJson.WrittenSpan;

    /// <summary>A hash of the resource.</summary>
    public UInt128 ResourceHash { get; private set; }

    /// <summary>A hash of the scope.</summary>
    public UInt128 ScopeHash { get; private set; }

    /// <summary>Where the <c>Resource</c> message lies.</summary>
    public (int At, int Length) Resource { get; private set; }

    /// <summary>Where the <c>InstrumentationScope</c> message lies.</summary>
    public (int At, int Length) Scope { get; private set; }

    /// <summary>Takes in a <c>ResourceSpans</c>, <c>ResourceMetrics</c> or <c>ResourceLogs</c>.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="at">Offset of the envelope.</param>
    /// <param name="length">Its length.</param>
    public void EnterResource(ReadOnlyMemory<byte> chunk, int at, int length)
    {
        var bytes = chunk.Span;
        var (content, schema) = ReadEnvelope(bytes, at, length);
        Resource = content;
        var message = bytes.Slice(content.At, content.Length);
        ResourceHash = DocumentId.Hash(message);
        _resource.Clear();
        _resource.AddAll(bytes, content.At, content.Length, 1);
        _resource.List.Resolve(chunk);
        _resourceJson.Clear();
        _json.Reset((IBufferWriter<byte>)_resourceJson);
        _json.WriteStartObject();
        WriteAttributes(bytes, _resource.List, Number(message, 2));
        WriteSchema(bytes.Slice(schema.At, schema.Length));
        _json.WriteEndObject();
        _json.Flush();
    }

    /// <summary>Takes in a <c>ScopeSpans</c>, <c>ScopeMetrics</c> or <c>ScopeLogs</c> of the resource.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="at">Offset of the envelope.</param>
    /// <param name="length">Its length.</param>
    public void EnterScope(ReadOnlyMemory<byte> chunk, int at, int length)
    {
        var bytes = chunk.Span;
        var (content, schema) = ReadEnvelope(bytes, at, length);
        Scope = content;
        var message = bytes.Slice(content.At, content.Length);
        ScopeHash = DocumentId.Hash(message);
        _scope.Clear();
        _scope.AddAll(bytes, content.At, content.Length, 3);
        _scope.List.Resolve(chunk);
        Array.Clear(_scopeRoutes);
        Mode = ChooseMode(bytes);
        _scopeJson.Clear();
        _json.Reset((IBufferWriter<byte>)_scopeJson);
        _json.WriteStartObject();
        WriteScopeTexts(bytes, content);
        WriteAttributes(bytes, _scope.List, Number(message, 4));
        WriteSchema(bytes.Slice(schema.At, schema.Length));
        _json.WriteEndObject();
        _json.Flush();
    }

    /// <summary>Where a record goes.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="type">What kind of document.</param>
    /// <param name="record">What the record itself says.</param>
    public Route RouteOf(ReadOnlySpan<byte> chunk, StreamType type, in RoutingAttributes record)
    {
        if (!record.IsAny && _scopeRoutes[(int)type] is { } known)
        {
            return known;
        }

        var dataset = First(record.Dataset(chunk), _scope.Routing.Dataset(chunk), _resource.Routing.Dataset(chunk));
        var route = _routes.Find(
            type, Mode,
            First(record.Index(chunk), _scope.Routing.Index(chunk), _resource.Routing.Index(chunk)),
            dataset.IsEmpty ? ReceiverName(chunk.Slice(_scopeNameAt, _scopeNameLength)) : dataset,
            First(record.Namespace(chunk), _scope.Routing.Namespace(chunk), _resource.Routing.Namespace(chunk)));
        if (!record.IsAny)
        {
            _scopeRoutes[(int)type] = route;
        }

        return route;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _json.Dispose();
        _resource.Dispose();
        _scope.Dispose();
        _resourceJson.Dispose();
        _scopeJson.Dispose();
    }

    // The Collector's receivers name their scopes ".../receiver/hostmetricsreceiver/...": that word is the dataset.
    private static ReadOnlySpan<byte> ReceiverName(ReadOnlySpan<byte> scopeName)
    {
        var start = scopeName.IndexOf("/receiver/"u8);
        if (start < 0)
        {
            return default;
        }

        var rest = scopeName[(start + "/receiver/"u8.Length)..];
        var length = 0;
        while (length < rest.Length && (char.IsAsciiLetterOrDigit((char)rest[length]) || rest[length] == '_'))
        {
            length++;
        }

        var end = rest[..length].LastIndexOf("receiver"u8);
        return end < 0 ? default : rest[..(end + "receiver"u8.Length)];
    }

    private static ReadOnlySpan<byte> First(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c) =>
        !a.IsEmpty ? a : !b.IsEmpty ? b : c;

    private static ((int At, int Length) Content, (int At, int Length) Schema) ReadEnvelope(
        ReadOnlySpan<byte> chunk, int at, int length)
    {
        (int At, int Length) content = (at, 0);
        (int At, int Length) schema = (at, 0);
        var fields = new WireReader(chunk, at, length);
        while (fields.Next())
        {
            switch (fields.Field, fields.Type)
            {
                case (1, WireType.LengthDelimited):
                    content = (fields.ValueOffset, fields.ValueLength);
                    break;
                case (3, WireType.LengthDelimited):
                    schema = (fields.ValueOffset, fields.ValueLength);
                    break;
                default:
                    break;
            }
        }

        return (content, schema);
    }

    private static ulong Number(ReadOnlySpan<byte> message, int field)
    {
        ulong number = 0;
        var fields = new WireReader(message);
        while (fields.Next())
        {
            number = fields.Field == field && fields.Type == WireType.Varint ? fields.Number : number;
        }

        return number;
    }

    private MappingMode ChooseMode(ReadOnlySpan<byte> chunk)
    {
        var asked = _scope.Routing.Mode(chunk);
        if (asked.IsEmpty)
        {
            return _options.Mode;
        }

        MappingMode? mode = asked.SequenceEqual("otel"u8) ? MappingMode.Otel : asked.SequenceEqual("ecs"u8) ? MappingMode.Ecs : null;
        if (mode is { } known && _options.AllowedModes.Contains(known))
        {
            return known;
        }

        RefusedModes++;
        return _options.Mode;
    }

    private void WriteScopeTexts(ReadOnlySpan<byte> chunk, (int At, int Length) scope)
    {
        (_scopeNameAt, _scopeNameLength) = (0, 0);
        var fields = new WireReader(chunk, scope.At, scope.Length);
        while (fields.Next())
        {
            if (fields is { Field: 1, Type: WireType.LengthDelimited })
            {
                (_scopeNameAt, _scopeNameLength) = (fields.ValueOffset, fields.ValueLength);
            }
        }

        RecordWriter.WriteText(_json, "name"u8, chunk.Slice(_scopeNameAt, _scopeNameLength));
        RecordWriter.WriteText(_json, "version"u8, RecordWriter.Bytes(chunk.Slice(scope.At, scope.Length), 2));
    }

    private void WriteAttributes(ReadOnlySpan<byte> chunk, FieldList attributes, ulong dropped)
    {
        if (attributes.Count > 0)
        {
            _json.WriteStartObject("attributes"u8);
            attributes.Write(chunk, _json);
            _json.WriteEndObject();
        }

        if (dropped > 0)
        {
            _json.WriteNumber("dropped_attributes_count"u8, dropped);
        }
    }

    private void WriteSchema(ReadOnlySpan<byte> schema)
    {
        if (!schema.IsEmpty)
        {
            _json.WritePropertyName("schema_url"u8);
            JsonValues.WriteText(_json, schema);
        }
    }
}
