namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>The waits between the attempts at one batch: exponential, with jitter, bounded.</summary>
/// <param name="config">The settings.</param>
public struct Backoff(RetryConfig config)
{
    private double _intervalTicks = config.InitialInterval.Ticks;

    /// <summary>The next wait.</summary>
    /// <param name="random">Shifts it; used by one thread at a time.</param>
    public TimeSpan Next(Random random)
    {
        var bounded = Math.Min(_intervalTicks, config.MaxInterval.Ticks);
        _intervalTicks = Math.Min(bounded * config.Multiplier, config.MaxInterval.Ticks);
        var shift = 1 + (config.RandomizationFactor * ((2 * random.NextDouble()) - 1));
        return TimeSpan.FromTicks((long)(bounded * shift));
    }
}
