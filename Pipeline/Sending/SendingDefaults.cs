namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>What an exporter's sending settings are where its configuration is silent.</summary>
public sealed record SendingDefaults
{
    /// <summary>The <c>timeout</c> of an attempt.</summary>
    /// <value>0 for none. Default 5 s.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The <c>sending_queue</c>.</summary>
    public QueueConfig Queue { get; init; } = new();

    /// <summary>The batch settings that an empty <c>sending_queue::batch</c> starts from.</summary>
    public QueueBatchConfig Batch { get; init; } = new();

    /// <summary>The <c>retry_on_failure</c>.</summary>
    public RetryConfig Retry { get; init; } = new();
}
