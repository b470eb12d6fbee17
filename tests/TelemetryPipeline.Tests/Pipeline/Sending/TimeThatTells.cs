using Microsoft.Extensions.Time.Testing;

namespace TelemetryPipeline.Tests.Pipeline.Sending;

/// <summary>A clock that stands still, and tells which waits were begun.</summary>
internal sealed class TimeThatTells : FakeTimeProvider
{
    private readonly List<TimeSpan> _waits = [];

    public int WaitCount
    {
        get
        {
            lock (_waits)
            {
                return _waits.Count;
            }
        }
    }

    public TimeSpan LastWait
    {
        get
        {
            lock (_waits)
            {
                return _waits[^1];
            }
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero)
        {
            lock (_waits)
            {
                _waits.Add(dueTime);
            }
        }

        return timer;
    }
}
