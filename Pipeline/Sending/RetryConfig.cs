namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>The <c>retry_on_failure</c> of an exporter: exponential back-off with jitter.</summary>
public sealed record RetryConfig
{
    /// <summary>Whether a failed attempt is repeated.</summary>
    /// <value>Default true.</value>
    public bool Enabled { get; init; } = true;

    /// <summary>The wait after the first failure.</summary>
    /// <value>0 or more. Default 5 s.</value>
    public TimeSpan InitialInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How far a wait is shifted at random: by up to this part of itself, either way.</summary>
    /// <value>0 to 1. Default 0.5.</value>
    public double RandomizationFactor { get; init; } = 0.5;

    /// <summary>What a wait is multiplied with to give the next.</summary>
    /// <value>0 or more. Default 1.5.</value>
    public double Multiplier { get; init; } = 1.5;

    /// <summary>The longest wait before jitter.</summary>
    /// <value>0 or more. Default 30 s.</value>
    public TimeSpan MaxInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a batch is tried, counted from its first attempt; after that it is given up.</summary>
    /// <value>0 for ever, else at least the intervals. Default 300 s, and 0 with <c>sending_queue::storage</c>.</value>
    public TimeSpan MaxElapsedTime { get; init; } = TimeSpan.FromSeconds(300);
}
