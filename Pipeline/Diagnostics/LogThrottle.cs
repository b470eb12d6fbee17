namespace TelemetryPipeline.Pipeline.Diagnostics;

/// <summary>Lets a message that could repeat with every batch through once an interval, and counts the others.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="time">The clock.</param>
/// <param name="interval">Least time between two lines; null for 10 s.</param>
public sealed class LogThrottle(TimeProvider time, TimeSpan? interval = null)
{
    private static readonly TimeSpan IntervalDefault = TimeSpan.FromSeconds(10);

    private readonly TimeSpan _interval = interval ?? IntervalDefault;
    private readonly Lock _gate = new();
    private long _last;
    private bool _passedBefore;
    private long _suppressed;

    /// <summary>Whether to write the message now.</summary>
    /// <param name="suppressed">How many were not written since the last one.</param>
    public bool TryPass(out long suppressed)
    {
        lock (_gate)
        {
            if (_passedBefore && time.GetElapsedTime(_last) < _interval)
            {
                _suppressed++;
                suppressed = 0;
                return false;
            }

            _passedBefore = true;
            _last = time.GetTimestamp();
            suppressed = _suppressed;
            _suppressed = 0;
            return true;
        }
    }
}
