using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Views;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>
/// Writes batches as bodies of bulk requests, straight from their bytes: one pass over a record, nothing allocated
/// for it. A batch becomes as many bodies as its size needs.
/// </summary>
/// <remarks>The same batch always gives the same documents in the same order. Not thread-safe.</remarks>
internal sealed class BulkEncoder : IDisposable
{
    private readonly Surroundings _around;
    private readonly EcsDocuments _ecs;
    private readonly SpanDocuments _spans;
    private readonly MetricDocuments _metrics;
    private readonly LogDocuments _logs;

    /// <summary>An encoder.</summary>
    /// <param name="options">How documents are made.</param>
    public BulkEncoder(EncoderOptions options)
    {
        Options = options;
        _around = new Surroundings(options);
        _ecs = new EcsDocuments(_around);
        _spans = new SpanDocuments(_around, _ecs);
        _metrics = new MetricDocuments(_around, options, _ecs);
        _logs = new LogDocuments(_around, options, _ecs);
    }

    /// <summary>How documents are made.</summary>
    public EncoderOptions Options { get; }

    /// <summary>Scopes that asked for a shape that is not allowed, in all batches.</summary>
    public long RefusedModes => _around.RefusedModes;

    /// <summary>Begins a batch.</summary>
    public void Begin() => _logs.Clear();

    /// <summary>Appends documents to a body until it is full.</summary>
    /// <param name="batch">The batch; borrowed.</param>
    /// <param name="cursor">Where to begin; becomes where to go on.</param>
    /// <param name="output">The body.</param>
    /// <param name="bytesMax">The body is full with so many bytes; the last document may exceed it.</param>
    /// <returns>Whether there is more to encode.</returns>
    public bool Encode(OtlpBatch batch, ref BulkCursor cursor, BulkBuffer output, int bytesMax)
    {
        var chunks = batch.Chunks;
        while (cursor.Chunk < chunks.Count)
        {
            if (EncodeChunk(batch.Signal, chunks[cursor.Chunk].Memory, ref cursor, output, bytesMax))
            {
                return true;
            }

            cursor = new BulkCursor { Chunk = cursor.Chunk + 1 };
        }

        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _around.Dispose();
        _ecs.Dispose();
        _spans.Dispose();
        _metrics.Dispose();
        _logs.Dispose();
    }

    private bool EncodeChunk(
        Signal signal, ReadOnlyMemory<byte> chunk, ref BulkCursor cursor, BulkBuffer output, int bytesMax)
    {
        var resources = ResourceView.Enumerate(chunk.Span);
        while (resources.MoveNext())
        {
            if (resources.CurrentOffset < cursor.ResourceAt)
            {
                continue;
            }

            cursor.ResourceAt = resources.CurrentOffset;
            var resource = new ResourceView(resources.Current);
            _around.EnterResource(chunk, resource);
            if (EncodeResource(signal, chunk, resource, ref cursor, output, bytesMax))
            {
                return true;
            }

            (cursor.ScopeAt, cursor.Record) = (0, 0);
        }

        return false;
    }

    private bool EncodeResource(
        Signal signal, ReadOnlyMemory<byte> chunk, in ResourceView resource, ref BulkCursor cursor, BulkBuffer output, int bytesMax)
    {
        var scopes = resource.Scopes;
        while (scopes.MoveNext())
        {
            if (scopes.CurrentOffset < cursor.ScopeAt)
            {
                continue;
            }

            cursor.ScopeAt = scopes.CurrentOffset;
            var scope = new ScopeView(scopes.Current);
            _around.EnterScope(chunk, scope);
            var more = signal == Signal.Metrics
                ? EncodePoints(chunk, scope, ref cursor, output, bytesMax)
                : EncodeRecords(signal, chunk, scope, ref cursor, output, bytesMax);
            if (more)
            {
                return true;
            }

            cursor.Record = 0;
        }

        return false;
    }

    private bool EncodePoints(
        ReadOnlyMemory<byte> chunk, in ScopeView scope, ref BulkCursor cursor, BulkBuffer output, int bytesMax)
    {
        bool more;
        do
        {
            more = _metrics.Write(chunk, scope.Items, ref cursor.Record, output);
        }
        while (more && output.Bytes.Length < bytesMax);

        return output.Bytes.Length >= bytesMax;
    }

    private bool EncodeRecords(
        Signal signal, ReadOnlyMemory<byte> chunk, in ScopeView scope, ref BulkCursor cursor, BulkBuffer output, int bytesMax)
    {
        var records = scope.Items;
        while (records.MoveNext())
        {
            if (records.CurrentOffset < cursor.Record)
            {
                continue;
            }

            if (signal == Signal.Traces)
            {
                _spans.Write(chunk, records.Current, output);
            }
            else
            {
                _logs.Write(chunk, records.Current, output);
            }

            if (output.Bytes.Length >= bytesMax)
            {
                // Behind this record, also if it is empty, and before the content of the next one.
                cursor.Record = records.CurrentOffset + records.Current.Length + 1;
                return true;
            }
        }

        return false;
    }
}
