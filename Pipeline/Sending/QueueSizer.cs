namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>What the size of a queue or of a batch is counted in; the words of <c>sizer</c>.</summary>
public enum QueueSizer : byte
{
    /// <summary>Batches as they came in, whatever they hold: <c>requests</c>.</summary>
    Requests,

    /// <summary>Spans, metric data points or log records: <c>items</c>.</summary>
    Items,

    /// <summary>Bytes of the encoded request: <c>bytes</c>.</summary>
    Bytes,
}
