namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>The <c>sending_queue</c> of an exporter.</summary>
public sealed record QueueConfig
{
    /// <summary>Whether there is a queue at all; without one the caller waits for the delivery.</summary>
    /// <value>Default true.</value>
    public bool Enabled { get; init; } = true;

    /// <summary>Batches that are sent, or wait for their next attempt, at the same time.</summary>
    /// <value>1 or more. Default 10.</value>
    public int NumConsumers { get; init; } = 10;

    /// <summary>The most the queue holds, waiting and under way together, in units of <see cref="Sizer"/>.</summary>
    /// <value>1 or more. Default 1000.</value>
    public long QueueSize { get; init; } = 1000;

    /// <summary>What <see cref="QueueSize"/> counts.</summary>
    /// <value>Default requests.</value>
    public QueueSizer Sizer { get; init; } = QueueSizer.Requests;

    /// <summary>Whether the caller is answered only when the data is delivered or given up.</summary>
    /// <value>Default false. Not together with <see cref="Storage"/>.</value>
    public bool WaitForResult { get; init; }

    /// <summary>Whether a full queue makes the caller wait for room; else it is told to come back.</summary>
    /// <value>Default false.</value>
    public bool BlockOnOverflow { get; init; }

    /// <summary>The extension that keeps the queue on disk.</summary>
    /// <value>Default none: the queue is in memory.</value>
    public ComponentId? Storage { get; init; }

    /// <summary>How batches are merged and split on their way out.</summary>
    /// <value>Default none: sent as they came.</value>
    public QueueBatchConfig? Batch { get; init; }
}
