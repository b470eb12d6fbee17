using TelemetryPipeline.Attribution.Traces;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Events;

/// <summary>Collects the records of events until they go out together. One thread at a time.</summary>
/// <param name="names">The texts of chains.</param>
internal sealed class EventBatch(TraceNames names) : IDisposable
{
    private readonly EventWriter _writer = new(names);
    private OtlpRequestBuilder? _request;

    /// <summary>Events collected.</summary>
    public int Count { get; private set; }

    /// <summary>When the events are observed, in nanoseconds since the Unix epoch.</summary>
    public ulong ObservedNs { get; set; }

    /// <summary>Called with each event that is collected; null for nobody.</summary>
    public Action<RuleEvent>? Observer { get; set; }

    /// <summary>Collects the record of an event as it is now.</summary>
    /// <param name="attribution">The event.</param>
    public void Add(RuleEvent attribution)
    {
        _request ??= new OtlpRequestBuilder();
        _writer.Write(_request, attribution, ObservedNs);
        Count++;
        Observer?.Invoke(attribution);
    }

    /// <summary>What was collected.</summary>
    /// <returns>A chunk with one reference, the caller's; null where nothing was collected.</returns>
    public OtlpChunk? Take()
    {
        if (_request is null)
        {
            return null;
        }

        var chunk = _request.Finish(Signal.Logs, Count);
        (_request, Count) = (null, 0);
        return chunk;
    }

    /// <inheritdoc/>
    public void Dispose() => _request?.Dispose();
}
