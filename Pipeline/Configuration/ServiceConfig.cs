namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>What happens when one branch of a fan-out refuses a batch that others took. An addition of ours.</summary>
public enum FanOutMode : byte
{
    /// <summary>The sender is asked to retry, so that every branch gets the batch at least once.</summary>
    AtLeastOnce,

    /// <summary>The branch counts its share as refused; the sender is told that the batch was taken.</summary>
    Isolate,
}

/// <summary>The <c>service</c> part of a configuration.</summary>
public sealed record ServiceConfig
{
    /// <summary>Extensions that run, in the order they are started.</summary>
    public required IReadOnlyList<ComponentId> Extensions { get; init; }

    /// <summary>Pipelines, in the order of the source; at least one.</summary>
    public required IReadOnlyList<PipelineConfig> Pipelines { get; init; }

    /// <summary>How the collector reports on itself.</summary>
    public required TelemetryConfig Telemetry { get; init; }

    /// <summary>Key <c>fan_out</c>, ours.</summary>
    /// <value><c>at_least_once</c> or <c>isolate</c>. Default <c>at_least_once</c>.</value>
    public FanOutMode FanOut { get; init; } = FanOutMode.AtLeastOnce;

    /// <summary>Key <c>shutdown_timeout</c>, ours: the longest time for draining when the collector stops.</summary>
    /// <value>Duration, 0 or more. Default 30 s.</value>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
