using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Views;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <summary>Writes batches as text: walks over resources, scopes and items, which the three signals have alike.</summary>
/// <remarks>Not thread-safe.</remarks>
/// <param name="destination">Takes the text.</param>
internal abstract class BatchText(IDebugDestination destination) : IDisposable
{
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
            foreach (var resource in ResourceView.Enumerate(chunks[i].Bytes))
            {
                WriteResourceEnvelope(batch.Signal, index++, new ResourceView(resource));
            }
        }

        _text.Flush();
    }

    /// <summary>Returns the memory.</summary>
    public void Dispose() => _text.Dispose();

    /// <summary>Writes a resource without its scopes.</summary>
    protected abstract void WriteResource(Signal signal, int index, in ResourceView resource, TextBlock text);

    /// <summary>Writes a scope without its items.</summary>
    protected abstract void WriteScope(Signal signal, int index, in ScopeView scope, TextBlock text);

    /// <summary>Writes a span, a metric with its points, or a log record.</summary>
    protected abstract void WriteItem(Signal signal, int index, ReadOnlySpan<byte> item, TextBlock text);

    private void WriteResourceEnvelope(Signal signal, int index, in ResourceView resource)
    {
        WriteResource(signal, index, resource, _text);
        var scopeIndex = 0;
        foreach (var encoded in resource.Scopes)
        {
            var scope = new ScopeView(encoded);
            WriteScope(signal, scopeIndex++, scope, _text);
            var itemIndex = 0;
            foreach (var item in scope.Items)
            {
                WriteItem(signal, itemIndex++, item, _text);
                _text.EndItem();
            }
        }
    }
}
