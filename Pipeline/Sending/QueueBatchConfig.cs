namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>The <c>sending_queue::batch</c> of an exporter.</summary>
public sealed record QueueBatchConfig
{
    /// <summary>The longest data waits for a batch to fill.</summary>
    /// <value>More than 0. Default 200 ms.</value>
    public TimeSpan FlushTimeout { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A batch of this size is sent at once, in units of <see cref="Sizer"/>.</summary>
    /// <value>0 or more. Default 8192.</value>
    public long MinSize { get; init; } = 8192;

    /// <summary>The most a batch holds, in units of <see cref="Sizer"/>.</summary>
    /// <value>0 for no limit, else at least <see cref="MinSize"/>. Default 0.</value>
    public long MaxSize { get; init; }

    /// <summary>What the sizes count: items or bytes.</summary>
    /// <value>Default the queue's sizer where it is set, else items.</value>
    public QueueSizer Sizer { get; init; } = QueueSizer.Items;

    /// <summary>Request headers that must be equal for data to share a batch.</summary>
    /// <value>Names without regard to case, none twice. Default none.</value>
    public IReadOnlyList<string> MetadataKeys { get; init; } = [];
}
