namespace TelemetryPipeline.Exporters.Otlp;

/// <summary>Lets one log line pass per interval and counts the others. Thread-safe.</summary>
/// <param name="time">The clock.</param>
/// <param name="interval">Least time between two lines.</param>
internal sealed class LogThrottle(TimeProvider time, TimeSpan interval)
{
    private readonly Lock _lock = new();
    private long _last;
    private long _suppressed;
    private bool _passed;

    /// <summary>Whether the line may be written now.</summary>
    /// <param name="suppressed">Lines held back since the last that passed.</param>
    public bool TryPass(out long suppressed)
    {
        lock (_lock)
        {
            if (_passed && time.GetElapsedTime(_last) < interval)
            {
                _suppressed++;
                suppressed = 0;
                return false;
            }

            _passed = true;
            _last = time.GetTimestamp();
            suppressed = _suppressed;
            _suppressed = 0;
            return true;
        }
    }
}
