namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>Lets a message that could repeat with every batch through once an interval, and counts the others.</summary>
internal sealed class LogThrottle(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private long _last;
    private bool _passedBefore;
    private long _heldBack;

    /// <summary>Whether to write the message now.</summary>
    /// <param name="heldBack">How many were not written since the last one.</param>
    public bool TryPass(out long heldBack)
    {
        lock (_gate)
        {
            if (_passedBefore && time.GetElapsedTime(_last) < Interval)
            {
                _heldBack++;
                heldBack = 0;
                return false;
            }

            _passedBefore = true;
            _last = time.GetTimestamp();
            heldBack = _heldBack;
            _heldBack = 0;
            return true;
        }
    }
}
