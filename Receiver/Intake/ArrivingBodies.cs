using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Receiver.Intake;

/// <summary>
/// The request bodies of one transport that clients are still sending. Once a second the slow ones are given up: what
/// takes longer than the read timeout, what stays below the minimum rate, and, while the budget is tight, what stalls.
/// </summary>
/// <remarks>Thread-safe. Bodies that had arrived when they were read first are not watched, and cost nothing here.</remarks>
/// <param name="budget">The budget of the transport.</param>
/// <param name="readTimeout">Limit on a whole body; zero for none.</param>
/// <param name="time">The clock.</param>
/// <param name="background">Supervises the checks.</param>
internal sealed class ArrivingBodies(ByteBudget budget, TimeSpan readTimeout, TimeProvider time, BackgroundWork background)
{
    /// <summary>The mean rate that a body must have after <see cref="Grace"/>.</summary>
    public const int MinBytesPerSecond = 1024;

    // While the budget is tight, a body must grow by this part of itself from check to check.
    private const int TightGrowthDivisor = 16;

    /// <summary>
    /// Bodies that may wait for their clients at the same time: every check looks at all of them. What Kestrel keeps for
    /// a stream without data is not bounded by this.
    /// </summary>
    public const int WaitingMax = 10_000;

    // Thousands at once would keep the threads from everybody else's requests.
    private const int GivenUpAtOnceMax = 128;

    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GiveUpInterval = TimeSpan.FromMilliseconds(25);

    private readonly Lock _lock = new();
    private ITimer? _timer;
    private BodyArrival? _first;
    private int _waiting;
    private bool _isArmed;
    private bool _hasMoreToGiveUp;

    /// <summary>How long a body may be slower than the minimum rate.</summary>
    public static TimeSpan Grace { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Watches a body whose read has to wait, or gives it up where too many wait.</summary>
    public void Watch(BodyArrival body, System.IO.Pipelines.PipeReader reader)
    {
        lock (_lock)
        {
            body.BeginWatch(reader, time.GetTimestamp());
            body.Previous = null;
            body.Next = _first;
            _first?.Previous = body;
            _first = body;
            if (++_waiting > WaitingMax)
            {
                body.GiveUp(BodyProblem.NoRoom);
            }

            Arm();
        }
    }

    /// <summary>Ends the watch. No read of the body is cancelled after the return.</summary>
    public void Unwatch(BodyArrival body)
    {
        lock (_lock)
        {
            if (body.Previous is { } previous)
            {
                previous.Next = body.Next;
            }
            else
            {
                _first = body.Next;
            }

            body.Next?.Previous = body.Previous;
            body.Next = body.Previous = null;
            _waiting--;
            body.EndWatch();
        }
    }

    private void Arm()
    {
        if (_isArmed)
        {
            return;
        }

        _isArmed = true;
        var delay = _hasMoreToGiveUp ? GiveUpInterval
            : readTimeout > TimeSpan.Zero && readTimeout < CheckInterval ? readTimeout : CheckInterval;
        _timer ??= background.CreateTimer("slow_bodies", Check, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    private void Check()
    {
        lock (_lock)
        {
            if (!_hasMoreToGiveUp)
            {
                EvaluateAll();
            }

            GiveUpSome();
            _isArmed = false;
            if (_first is not null)
            {
                Arm();
            }
        }
    }

    private void EvaluateAll()
    {
        var now = time.GetTimestamp();
        var isTight = budget.IsTight;
        for (var body = _first; body is not null; body = body.Next)
        {
            if (body.Verdict == BodyProblem.None)
            {
                body.Suspected = FindProblem(body, now, isTight);
            }
        }
    }

    private void GiveUpSome()
    {
        var count = 0;
        _hasMoreToGiveUp = false;
        for (var body = _first; body is not null && !_hasMoreToGiveUp; body = body.Next)
        {
            if (body.Suspected == BodyProblem.None || body.Verdict != BodyProblem.None)
            {
                continue;
            }

            if (count++ < GivenUpAtOnceMax)
            {
                body.GiveUp(body.Suspected);
            }
            else
            {
                _hasMoreToGiveUp = true;
            }
        }
    }

    private BodyProblem FindProblem(BodyArrival body, long now, bool isTight)
    {
        var age = time.GetElapsedTime(body.WatchedSince, now);
        var bytes = body.ArrivedBytes;
        var gained = bytes - body.BytesAtLastCheck;
        var wasChecked = body.WasChecked;
        body.BytesAtLastCheck = bytes;
        body.WasChecked = true;
        if ((readTimeout > TimeSpan.Zero && age >= readTimeout)
            || (age >= Grace && bytes < MinBytesPerSecond * age.TotalSeconds))
        {
            return BodyProblem.TimedOut;
        }

        return isTight && wasChecked && gained < bytes / TightGrowthDivisor ? BodyProblem.NoRoom : BodyProblem.None;
    }
}
