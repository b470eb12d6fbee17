namespace TelemetryPipeline.Attribution.Rules.Testing;

/// <summary>A clock that moves when it is told to, so that a test of hours takes no time and ends the same each time.</summary>
/// <param name="begin">What it shows first.</param>
internal sealed class SteppedTime(DateTimeOffset begin) : TimeProvider
{
    /// <summary>Time since the beginning.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Moves on.</summary>
    /// <param name="elapsed">Time since the beginning, not before what it is now.</param>
    public void MoveTo(TimeSpan elapsed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(elapsed, Elapsed);
        Elapsed = elapsed;
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => begin + Elapsed;

    /// <inheritdoc/>
    public override long GetTimestamp() => Elapsed.Ticks;
}
