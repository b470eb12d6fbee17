using System.Buffers;
using System.Text.Json;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp.Views;

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

    /// <summary>The resource's attributes.</summary>
    public RecordFields Resource { get; } = new();

    /// <summary>The scope's attributes.</summary>
    public RecordFields Scope { get; } = new();

    /// <summary>Takes in a <c>ResourceSpans</c>, <c>ResourceMetrics</c> or <c>ResourceLogs</c>.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="resource">The envelope, in the chunk.</param>
    public void EnterResource(ReadOnlyMemory<byte> chunk, in ResourceView resource)
    {
        var bytes = chunk.Span;
        ResourceHash = DocumentId.Hash(resource.Resource);
        Resource.Read(bytes, resource.Attributes);
        BeginJson(_resourceJson);
        EndJson(chunk, Resource, resource.DroppedAttributesCount, resource.SchemaUrl);
    }

    /// <summary>Takes in a <c>ScopeSpans</c>, <c>ScopeMetrics</c> or <c>ScopeLogs</c> of the resource.</summary>
    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="scope">The envelope, in the chunk.</param>
    public void EnterScope(ReadOnlyMemory<byte> chunk, in ScopeView scope)
    {
        var bytes = chunk.Span;
        ScopeHash = DocumentId.Hash(scope.Scope);
        Scope.Read(bytes, scope.Attributes);
        (_scopeNameAt, _scopeNameLength) = (AttributeRange.OffsetOf(bytes, scope.Name), scope.Name.Length);
        Array.Clear(_scopeRoutes);
        Mode = ChooseMode(bytes);
        BeginJson(_scopeJson);
        RecordWriter.WriteText(_json, "name"u8, scope.Name);
        RecordWriter.WriteText(_json, "version"u8, scope.Version);
        EndJson(chunk, Scope, scope.DroppedAttributesCount, scope.SchemaUrl);
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

        var dataset = First(record.Dataset(chunk), Scope.Routing.Dataset(chunk), Resource.Routing.Dataset(chunk));
        var route = _routes.Find(
            type, Mode,
            First(record.Index(chunk), Scope.Routing.Index(chunk), Resource.Routing.Index(chunk)),
            dataset.IsEmpty ? ReceiverName(chunk.Slice(_scopeNameAt, _scopeNameLength)) : dataset,
            First(record.Namespace(chunk), Scope.Routing.Namespace(chunk), Resource.Routing.Namespace(chunk)));
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
        Resource.Dispose();
        Scope.Dispose();
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

    private MappingMode ChooseMode(ReadOnlySpan<byte> chunk)
    {
        var asked = Scope.Routing.Mode(chunk);
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

    private void BeginJson(PooledBuffer output)
    {
        output.Clear();
        _json.Reset((IBufferWriter<byte>)output);
        _json.WriteStartObject();
    }

    private void EndJson(ReadOnlyMemory<byte> chunk, RecordFields attributes, ulong dropped, ReadOnlySpan<byte> schema)
    {
        attributes.FillList(chunk.Span);
        attributes.List.Resolve(chunk);
        RecordWriter.WriteAttributes(_json, chunk.Span, attributes.List);
        RecordWriter.WriteCount(_json, "dropped_attributes_count"u8, dropped);
        RecordWriter.WriteText(_json, "schema_url"u8, schema);
        _json.WriteEndObject();
        _json.Flush();
    }
}
