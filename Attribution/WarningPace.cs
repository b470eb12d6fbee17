namespace TelemetryPipeline.Attribution;

/// <summary>Lets one log line pass per interval and counts the others. Thread-safe.</summary>
/// <param name="time">The clock.</param>
/// <param name="interval">Least time between two lines.</param>
internal sealed class WarningPace(TimeProvider time, TimeSpan interval)
{
    private readonly Lock _lock = new();
    private long _last;
    private long _heldBack;
    private bool _passed;

    /// <summary>Whether the line may be written now.</summary>
    /// <param name="heldBack">Lines held back since the last that passed.</param>
    public bool TryPass(out long heldBack)
    {
        lock (_lock)
        {
            if (_passed && time.GetElapsedTime(_last) < interval)
            {
                _heldBack++;
                heldBack = 0;
                return false;
            }

            (_passed, _last, heldBack, _heldBack) = (true, time.GetTimestamp(), _heldBack, 0);
            return true;
        }
    }
}
