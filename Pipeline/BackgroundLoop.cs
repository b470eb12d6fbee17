using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline;

/// <summary>The failures of one background loop: counted, logged, shown in the component's status until a run completes.</summary>
/// <remarks>Thread-safe. <see cref="Succeeded"/> costs one volatile read while nothing has failed.</remarks>
public sealed partial class BackgroundLoop
{
    private static readonly TimeSpan BackoffMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BackoffMax = TimeSpan.FromSeconds(30);

    private readonly string _name;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Counter _failures;
    private readonly Action<string, string?> _reportFault;
    private readonly LogThrottle _throttle;
    private readonly Lock _gate = new();
    private TimeSpan _backoff = BackoffMin;
    private volatile bool _isFailing;

    internal BackgroundLoop(string name, ILogger logger, TimeProvider time, Counter failures, Action<string, string?> reportFault)
    {
        _name = name;
        _logger = logger;
        _time = time;
        _failures = failures;
        _reportFault = reportFault;
        _throttle = new LogThrottle(time);
    }

    /// <summary>Records an unexpected error.</summary>
    /// <param name="error">The error.</param>
    /// <returns>The wait before the next run: 100 ms, doubled with each failure in a row up to 30 s.</returns>
    public TimeSpan Failed(Exception error)
    {
        _failures.Add(1);
        lock (_gate)
        {
            var backoff = _backoff;
            _backoff = backoff + backoff < BackoffMax ? backoff + backoff : BackoffMax;
            _isFailing = true;
            _reportFault(_name, $"unexpected error in {_name}: {error.Message}");
            if (_throttle.TryPass(out var suppressed))
            {
                LogFailed(_logger, _name, backoff, suppressed, error);
            }

            return backoff;
        }
    }

    /// <summary>Records a run that completed.</summary>
    public void Succeeded()
    {
        if (_isFailing)
        {
            Recover();
        }
    }

    internal ITimer CreateTimer(Action callback, TimeSpan dueTime, TimeSpan period, bool skipsMissed = false)
    {
        var timer = new GuardedTimer(this, callback, period, skipsMissed);
        timer.Start(_time, dueTime);
        return timer;
    }

    private void Recover()
    {
        lock (_gate)
        {
            if (!_isFailing)
            {
                return;
            }

            _isFailing = false;
            _backoff = BackoffMin;
            _reportFault(_name, null);
            LogRecovered(_logger, _name);
        }
    }

    [LoggerMessage(Level = LogLevel.Error,
        Message = "Unexpected error in {Loop}; restarting it in {Delay}; {Suppressed} similar messages suppressed")]
    private static partial void LogFailed(ILogger logger, string loop, TimeSpan delay, long suppressed, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Loop} recovered")]
    private static partial void LogRecovered(ILogger logger, string loop);

    private sealed class GuardedTimer(BackgroundLoop loop, Action callback, TimeSpan period, bool skipsMissed) : ITimer
    {
        private readonly Lock _gate = new();
        private ITimer? _inner;
        private TimeSpan _period = period;

        public void Start(TimeProvider time, TimeSpan dueTime)
        {
            // Armed only once the field is set: the callback re-arms the timer through it.
            _inner = time.CreateTimer(
                static timer => ((GuardedTimer)timer!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Arm(dueTime);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_gate)
            {
                _period = period;
                return Arm(dueTime);
            }
        }

        public void Dispose() => _inner!.Dispose();

        public ValueTask DisposeAsync() => _inner!.DisposeAsync();

        private void OnDue()
        {
            try
            {
                callback();
                loop.Succeeded();
                if (skipsMissed)
                {
                    lock (_gate)
                    {
                        Arm(_period);
                    }
                }
            }
            catch (Exception e)
            {
                var backoff = loop.Failed(e);
                lock (_gate)
                {
                    // A timer that was disposed of meanwhile ignores this.
                    Arm(backoff > _period ? backoff : _period);
                }
            }
        }

        private bool Arm(TimeSpan dueTime) => _inner!.Change(dueTime, skipsMissed ? Timeout.InfiniteTimeSpan : _period);
    }
}
