using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.TestSupport.Otlp;

/// <summary>Turns the oracle's messages into chunks and batches, and batches back.</summary>
public static class OtlpPayloads
{
    /// <summary>A chunk of a request, counted by the codec under test.</summary>
    public static OtlpChunk Chunk(IMessage request)
    {
        var signal = SignalOf(request);
        var bytes = request.ToByteArray();
        return OtlpRequest.TryValidate(signal, bytes, out var items, out var error)
            ? OtlpChunk.FromArray(signal, bytes, items)
            : throw new ArgumentException(error.ToString(), nameof(request));
    }

    /// <summary>A batch of one chunk for each request; all must be of one signal.</summary>
    public static OtlpBatch Batch(params IMessage[] requests)
    {
        var batch = new OtlpBatch(SignalOf(requests[0]));
        foreach (var request in requests)
        {
            batch.Append(Chunk(request));
        }

        return batch;
    }

    /// <summary>The traces of a batch as one request.</summary>
    public static ExportTraceServiceRequest Traces(OtlpBatch batch) => Merge(batch, new ExportTraceServiceRequest());

    /// <summary>The metrics of a batch as one request.</summary>
    public static ExportMetricsServiceRequest Metrics(OtlpBatch batch) => Merge(batch, new ExportMetricsServiceRequest());

    /// <summary>The logs of a batch as one request.</summary>
    public static ExportLogsServiceRequest Logs(OtlpBatch batch) => Merge(batch, new ExportLogsServiceRequest());

    /// <summary>A batch as one request of the oracle's type for its signal.</summary>
    public static IMessage Parse(OtlpBatch batch) => batch.Signal switch
    {
        Signal.Traces => Traces(batch),
        Signal.Metrics => Metrics(batch),
        _ => Logs(batch),
    };

    /// <summary>An empty request of the oracle's type for a signal.</summary>
    public static IMessage Empty(Signal signal) => signal switch
    {
        Signal.Traces => new ExportTraceServiceRequest(),
        Signal.Metrics => new ExportMetricsServiceRequest(),
        _ => new ExportLogsServiceRequest(),
    };

    /// <summary>The signal of a request message.</summary>
    public static Signal SignalOf(IMessage request) => request switch
    {
        ExportTraceServiceRequest => Signal.Traces,
        ExportMetricsServiceRequest => Signal.Metrics,
        ExportLogsServiceRequest => Signal.Logs,
        _ => throw new ArgumentException($"{request.GetType().Name} is no export request", nameof(request)),
    };

    private static T Merge<T>(OtlpBatch batch, T request)
        where T : IMessage
    {
        foreach (var chunk in batch.Chunks)
        {
            request.MergeFrom(chunk.Bytes.ToArray());
        }

        return request;
    }
}
