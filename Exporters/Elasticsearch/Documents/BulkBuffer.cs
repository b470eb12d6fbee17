using System.Buffers;
using System.Text.Json;
using TelemetryPipeline.Exporters.Outbound;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>The body of a bulk request while it is written: an action and a document each, a line each.</summary>
/// <remarks>Reused from request to request; not thread-safe.</remarks>
internal sealed class BulkBuffer : IDisposable
{
    private BulkDocument[] _documents = ArrayPool<BulkDocument>.Shared.Rent(1024);
    private int _count;

    /// <summary>An empty body.</summary>
    /// <param name="sizeHint">Bytes expected.</param>
    public BulkBuffer(int sizeHint)
    {
        Bytes = new PooledBuffer(sizeHint);
        Json = new Utf8JsonWriter((IBufferWriter<byte>)Bytes, JsonValues.Options);
    }

    /// <summary>The body.</summary>
    public PooledBuffer Bytes { get; }

    /// <summary>Writes documents, between <see cref="Begin"/> and <see cref="End"/>.</summary>
    public Utf8JsonWriter Json { get; }

    /// <summary>The documents, in the order of the body.</summary>
    public ReadOnlySpan<BulkDocument> Documents => _documents.AsSpan(0, _count);

    /// <summary>Forgets everything and keeps the memory.</summary>
    public void Clear()
    {
        Bytes.Clear();
        _count = 0;
    }

    /// <summary>Begins an action.</summary>
    /// <param name="route">Where the document goes.</param>
    /// <param name="id">Its id in characters that need no escaping; empty to let the server choose.</param>
    public void Begin(Route route, ReadOnlySpan<byte> id)
    {
        if (_count == _documents.Length)
        {
            var larger = ArrayPool<BulkDocument>.Shared.Rent(2 * _count);
            _documents.CopyTo(larger, 0);
            ArrayPool<BulkDocument>.Shared.Return(_documents);
            _documents = larger;
        }

        _documents[_count] = new BulkDocument { At = (int)Bytes.Length };
        Bytes.Write(route.Action);
        if (!id.IsEmpty)
        {
            Bytes.Write(",\"_id\":\""u8);
            Bytes.Write(id);
            Bytes.Write("\""u8);
        }
    }

    /// <summary>Ends the action and begins the document.</summary>
    public void BeginDocument()
    {
        Bytes.Write("}}\n"u8);
        _documents[_count].DocumentAt = (int)Bytes.Length;
        Json.WriteStartObject();
    }

    /// <summary>Ends the document.</summary>
    /// <param name="items">Spans, points or records that it stands for.</param>
    public void End(int items)
    {
        Json.WriteEndObject();
        Json.Flush();
        Json.Reset();
        Bytes.Write("\n"u8);
        ref var document = ref _documents[_count++];
        document.Length = (int)Bytes.Length - document.At;
        document.Items = items;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Json.Dispose();
        Bytes.Dispose();
        ArrayPool<BulkDocument>.Shared.Return(_documents);
        _documents = [];
    }
}
