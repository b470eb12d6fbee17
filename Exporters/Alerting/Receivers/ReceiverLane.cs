using System.Threading.Channels;
using TelemetryPipeline.Exporters.Alerting.Grouping;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.Alerting.Receivers;

/// <summary>
/// Tells one receiver what the book says it is due, one request after the other. A receiver that is away, slow or
/// limited holds up nobody else; what it is due stays in the book, merged by group.
/// </summary>
internal sealed class ReceiverLane
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromHours(1);
    private static readonly TimeSpan HurriedWaitMax = TimeSpan.FromSeconds(1);

    // Unexpected errors in a row at one alert before it is dropped.
    private const int FailuresMax = 5;

    private readonly int _index;
    private readonly ReceiverConfig _config;
    private readonly AlertBook _book;
    private readonly INotifier _notifier;
    private readonly ReceiverClient _client;
    private readonly RateWindow _rate;
    private readonly RetryConfig _retry;
    private readonly Random _random;
    private readonly ReceiverEvents _events;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly BackgroundWork _background;
    private readonly BackgroundLoop _loop;
    private readonly ITimer _timer;

    private long _asked;
    private long _seen;
    private volatile bool _isWaiting;
    private Backoff _backoff;
    private TimeSpan _notBefore;
    private bool _isLimited;
    private int _oneByOne;
    private int _failures;
    private volatile bool _isHurried;
    private volatile bool _isFinishing;
    private volatile bool _givesUpWhenFailing;

    public ReceiverLane(
        int index, ReceiverConfig config, AlertBook book, INotifier notifier, ReceiverClient client, RateWindow rate,
        RetryConfig retry, Random random, ReceiverEvents events, BackgroundWork background, TimeProvider time)
    {
        _index = index;
        _config = config;
        _book = book;
        _notifier = notifier;
        _client = client;
        _rate = rate;
        _retry = retry;
        _random = random;
        _events = events;
        _backoff = new Backoff(retry);
        _background = background;
        _loop = background.Watch("notifications", $"to {config.Name}");
        _timer = background.CreateTimer("notification_timer", Wake, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether it waits, and nobody has asked it to look since; for tests.</summary>
    public bool IsIdle => _isWaiting && Volatile.Read(ref _seen) == Volatile.Read(ref _asked);

    /// <summary>Has it look again at what is due.</summary>
    public void Wake()
    {
        Interlocked.Increment(ref _asked);
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Has it wait no longer than a second between attempts.</summary>
    public void Hurry()
    {
        _isHurried = true;
        Wake();
    }

    /// <summary>Has it end when nothing is due any more.</summary>
    /// <param name="givesUpWhenFailing">Whether a failing receiver ends it as well: what it is due is safe elsewhere.</param>
    public void Finish(bool givesUpWhenFailing)
    {
        _givesUpWhenFailing = givesUpWhenFailing;
        _isFinishing = true;
        Wake();
    }

    /// <summary>Works until it is finished or cancelled.</summary>
    /// <param name="cancellation">Gives up.</param>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await _background.RepeatAsync("notifications", RunRoundAsync, cancellation, _config.Name).ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<bool> RunRoundAsync(CancellationToken cancellation)
    {
        Volatile.Write(ref _seen, Volatile.Read(ref _asked));
        var wait = await StepSafelyAsync(cancellation).ConfigureAwait(false);
        if (wait > TimeSpan.Zero)
        {
            await WaitAsync(wait.Value, cancellation).ConfigureAwait(false);
        }

        return wait is not null;
    }

    private async Task WaitAsync(TimeSpan wait, CancellationToken cancellation)
    {
        // Timers count whole milliseconds and must not fire early.
        var most = _isHurried ? HurriedWaitMax : WaitMax;
        var due = TimeSpan.FromMilliseconds(Math.Ceiling((wait < most ? wait : most).TotalMilliseconds));
        _timer.Change(due, Timeout.InfiniteTimeSpan);
        _isWaiting = true;
        try
        {
            await _wake.Reader.ReadAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop's condition sees it.
        }
        finally
        {
            _isWaiting = false;
        }
    }

    // The wait after an unexpected error must end with a stop, as every other wait of the lane does.
    private async ValueTask<TimeSpan?> StepSafelyAsync(CancellationToken cancellation)
    {
        try
        {
            return await StepAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            var backoff = _loop.Failed(e);
            _notBefore = _book.Now + backoff;
            return _isFinishing ? null : backoff;
        }
    }

    // How long to wait before the next step; null when there is none.
    private async ValueTask<TimeSpan?> StepAsync(CancellationToken cancellation)
    {
        var now = _book.Now;
        if (_notBefore > now)
        {
            if (_isHurried)
            {
                _book.GiveBack(_index);
            }

            return _isFinishing && _givesUpWhenFailing ? null : _notBefore - now;
        }

        var requestsLeft = _rate.CountLeft(now);
        var work = _book.Take(_index, requestsLeft > 0 ? (_oneByOne > 0 ? 1 : _notifier.AlertsMax) : 0);
        if (work.DueCount == 0)
        {
            return _isFinishing ? null : work.NextDue == TimeSpan.MaxValue ? WaitMax : Positive(work.NextDue - now);
        }

        if (work.Tickets.Count == 0 || !_rate.TryTake(now, out var wait))
        {
            _book.PutBack(_index, work.Tickets, 0);
            return Limited(now);
        }

        _isLimited = false;
        await TellAsync(work.Tickets, requestsLeft, cancellation).ConfigureAwait(false);
        return TimeSpan.Zero;
    }

    private TimeSpan? Limited(TimeSpan now)
    {
        if (_isHurried)
        {
            _book.GiveBack(_index);
        }

        if (!_isLimited)
        {
            _isLimited = true;
            _events.Limited();
        }

        if (_isFinishing && _givesUpWhenFailing)
        {
            return null;
        }

        return _rate.WaitFor(now) is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private async ValueTask TellAsync(IReadOnlyList<Ticket> tickets, int requestsLeft, CancellationToken cancellation)
    {
        var told = 0;
        ConsumeResult result;
        using (var body = new PooledBuffer())
        {
            try
            {
                var alerts = new List<Alert>(tickets.Count);
                foreach (var ticket in tickets)
                {
                    alerts.Add(ticket.Alert);
                }

                told = _notifier.Write(alerts, requestsLeft, body);
                result = await _client.PostAsync(body.Written, cancellation).ConfigureAwait(false);
                _failures = 0;
                _loop.Succeeded();
            }
            catch (Exception e) when (e is not OperationCanceledException && tickets.Count == 1 && ++_failures >= FailuresMax)
            {
                // No attempt at this alert will do better, and those behind it wait.
                _loop.Failed(e);
                _failures = 0;
                told = 1;
                result = ConsumeResult.Rejected("internal_error", $"unexpected error: {e.Message}", 1);
            }
            catch
            {
                // Which alert is at fault shows when each goes alone.
                _oneByOne = Math.Max(_oneByOne, tickets.Count);
                _book.PutBack(_index, tickets, 0);
                throw;
            }
        }

        _oneByOne = Math.Max(_oneByOne - 1, 0);
        if (result.Outcome == ConsumeOutcome.Rejected && told > 1 && _config.Kind == ReceiverKind.Alertmanager)
        {
            // One of them is refused; which one shows when each goes alone.
            _oneByOne = told;
            _book.PutBack(_index, tickets, 0);
            return;
        }

        _book.PutBack(_index, tickets, told);
        for (var i = 0; i < told; i++)
        {
            var isGivenUp = _book.Done(_index, tickets[i], result);
            _events.Told(tickets[i].Alert, isGivenUp ? ConsumeResult.Rejected("max_elapsed_time", result.Message, 1) : result);
        }

        NoteHealth(result);
    }

    private void NoteHealth(in ConsumeResult result)
    {
        if (result.Outcome != ConsumeOutcome.Retry)
        {
            _backoff = new Backoff(_retry);
            _events.NoteHealth(result);
            return;
        }

        TimeSpan delay;
        lock (_random)
        {
            delay = _backoff.Next(_random);
        }

        delay = _isHurried && delay > HurriedWaitMax ? HurriedWaitMax : delay;
        delay = delay < result.RetryAfter ? result.RetryAfter : delay;
        _notBefore = _book.Now + delay;
        _events.WillRetry(result, delay);
    }

    private static TimeSpan Positive(TimeSpan wait) => wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
}
