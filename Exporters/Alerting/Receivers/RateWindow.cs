namespace TelemetryPipeline.Exporters.Alerting.Receivers;

/// <summary>So many requests in any minute, however one lays it. Thread-safe, since robots with one address share one.</summary>
/// <param name="limit">Requests a minute; 0 for no limit.</param>
internal sealed class RateWindow(int limit)
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(1);

    private readonly Queue<TimeSpan> _taken = new();
    private readonly Lock _gate = new();

    /// <summary>Takes a request's place.</summary>
    /// <param name="now">The time.</param>
    /// <param name="wait">How long there is none; zero when it was taken.</param>
    public bool TryTake(TimeSpan now, out TimeSpan wait)
    {
        lock (_gate)
        {
            wait = Wait(now);
            if (wait > TimeSpan.Zero)
            {
                return false;
            }

            if (limit > 0)
            {
                _taken.Enqueue(now);
            }

            return true;
        }
    }

    /// <summary>Requests that could be made now.</summary>
    /// <param name="now">The time.</param>
    public int CountLeft(TimeSpan now)
    {
        lock (_gate)
        {
            Wait(now);
            return limit == 0 ? int.MaxValue : limit - _taken.Count;
        }
    }

    /// <summary>How long until a request can be made.</summary>
    /// <param name="now">The time.</param>
    public TimeSpan WaitFor(TimeSpan now)
    {
        lock (_gate)
        {
            return Wait(now);
        }
    }

    private TimeSpan Wait(TimeSpan now)
    {
        while (_taken.TryPeek(out var oldest) && oldest + Length <= now)
        {
            _taken.Dequeue();
        }

        return limit == 0 || _taken.Count < limit ? TimeSpan.Zero : _taken.Peek() + Length - now;
    }
}
