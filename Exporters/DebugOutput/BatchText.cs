using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Wire;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Writes batches as text: walks over resources, scopes and items, which the three signals have alike.</summary>
/// <remarks>Not thread-safe.</remarks>
/// <param name="destination">Takes the text.</param>
internal abstract class BatchText(IDebugDestination destination) : IDisposable
{
    // ResourceSpans, ResourceMetrics and ResourceLogs: resource = 1, scope_* = 2, schema_url = 3.
    // ScopeSpans, ScopeMetrics and ScopeLogs: scope = 1, spans, metrics or log_records = 2, schema_url = 3.
    private const int ContentField = 1;
    private const int ListField = 2;
    private const int SchemaUrlField = 3;

    private readonly TextBlock _text = new(destination);

    /// <summary>Writes a batch.</summary>
    /// <param name="batch">The batch; borrowed.</param>
    /// <exception cref="IOException">It could not be written.</exception>
    public void Write(OtlpBatch batch)
    {
        var index = 0;
        var chunks = batch.Chunks;
        for (var i = 0; i < chunks.Count; i++)
        {
            var request = new WireReader(chunks[i].Bytes);
            while (request.Next())
            {
                if (request is { Field: 1, Type: WireType.LengthDelimited })
                {
                    WriteResourceEnvelope(batch.Signal, index++, request.Content);
                }
            }
        }

        _text.Flush();
    }

    /// <summary>Returns the memory.</summary>
    public void Dispose() => _text.Dispose();

    /// <summary>Writes a resource.</summary>
    protected abstract void WriteResource(
        Signal signal, int index, ReadOnlySpan<byte> resource, ReadOnlySpan<byte> schemaUrl, TextBlock text);

    /// <summary>Writes a scope.</summary>
    protected abstract void WriteScope(
        Signal signal, int index, ReadOnlySpan<byte> scope, ReadOnlySpan<byte> schemaUrl, TextBlock text);

    /// <summary>Writes a span, a metric with its points, or a log record.</summary>
    protected abstract void WriteItem(Signal signal, int index, ReadOnlySpan<byte> item, TextBlock text);

    private void WriteResourceEnvelope(Signal signal, int index, ReadOnlySpan<byte> envelope)
    {
        WriteResource(
            signal, index, MessageFields.Bytes(envelope, ContentField), MessageFields.Bytes(envelope, SchemaUrlField), _text);
        var scopeIndex = 0;
        var fields = new WireReader(envelope);
        while (fields.Next())
        {
            if (fields is { Field: ListField, Type: WireType.LengthDelimited })
            {
                WriteScopeEnvelope(signal, scopeIndex++, fields.Content);
            }
        }
    }

    private void WriteScopeEnvelope(Signal signal, int index, ReadOnlySpan<byte> envelope)
    {
        WriteScope(
            signal, index, MessageFields.Bytes(envelope, ContentField), MessageFields.Bytes(envelope, SchemaUrlField), _text);
        var itemIndex = 0;
        var fields = new WireReader(envelope);
        while (fields.Next())
        {
            if (fields is { Field: ListField, Type: WireType.LengthDelimited })
            {
                WriteItem(signal, itemIndex++, fields.Content, _text);
                _text.EndItem();
            }
        }
    }
}
