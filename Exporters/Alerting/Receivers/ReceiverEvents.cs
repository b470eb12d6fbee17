using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Exporters.Alerting.Receivers;

/// <summary>What happens with one receiver: logged and counted in one place. Never with an address or a key.</summary>
internal sealed partial class ReceiverEvents
{
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    private readonly ILogger _log;
    private readonly string _receiver;
    private readonly AlertsMetrics _metrics;
    private readonly Action<string, ConsumeResult> _reportHealth;
    private readonly LogThrottle _retries;
    private readonly LogThrottle _refusals;
    private readonly LogThrottle _secrets;
    private readonly Counter _firing;
    private readonly Counter _resolved;
    private readonly Counter _limited;

    public ReceiverEvents(ComponentContext context, string receiver, AlertsMetrics metrics, Action<string, ConsumeResult> reportHealth)
    {
        _log = context.Loggers.CreateLogger<ReceiverEvents>();
        _receiver = receiver;
        _metrics = metrics;
        _reportHealth = reportHealth;
        _retries = new LogThrottle(context.Time, LogInterval);
        _refusals = new LogThrottle(context.Time, LogInterval);
        _secrets = new LogThrottle(context.Time, LogInterval);
        _firing = metrics.Notifications(receiver, "firing");
        _resolved = metrics.Notifications(receiver, "resolved");
        _limited = metrics.RateLimited(receiver);
    }

    /// <summary>An alert was told, or was not.</summary>
    public void Told(Alert alert, in ConsumeResult result)
    {
        switch (result.Outcome)
        {
            case ConsumeOutcome.Accepted:
                (alert.IsFiring ? _firing : _resolved).Add(1);
                break;
            case ConsumeOutcome.Rejected:
                _metrics.Failures(_receiver, result.Reason).Add(1);
                if (_refusals.TryPass(out var suppressed))
                {
                    LogRefused(_receiver, alert.Newest.RuleId, result.Reason, result.Message, suppressed);
                }

                break;
        }
    }

    /// <summary>An attempt failed and is repeated.</summary>
    public void WillRetry(in ConsumeResult result, TimeSpan delay)
    {
        _metrics.Retries(_receiver, result.Reason).Add(1);
        _reportHealth(_receiver, result);
        if (_retries.TryPass(out var suppressed))
        {
            LogRetry(_receiver, result.Reason, result.Message, delay.TotalSeconds, suppressed);
        }
    }

    /// <summary>An attempt came through, or was refused.</summary>
    public void NoteHealth(in ConsumeResult result) => _reportHealth(_receiver, result);

    /// <summary>Alerts wait for the rate limit.</summary>
    public void Limited() => _limited.Add(1);

    /// <summary>A secret cannot be read any more.</summary>
    public void SecretFailed(string problem)
    {
        _metrics.SecretFailures.Add(1);
        if (_secrets.TryPass(out var suppressed))
        {
            LogSecret(_receiver, problem, suppressed);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Notification to {Receiver} failed ({Reason}: {Detail}); retrying in {Seconds:0.#} s; {Suppressed} similar "
        + "messages suppressed")]
    private partial void LogRetry(string receiver, string reason, string detail, double seconds, long suppressed);

    [LoggerMessage(Level = LogLevel.Error, Message = "Dropped a notification to {Receiver} for rule {Rule} ({Reason}: {Detail}); {Suppressed} similar messages suppressed")]
    private partial void LogRefused(string receiver, string rule, string reason, string detail, long suppressed);

    [LoggerMessage(Level = LogLevel.Error, Message = "Reading a secret of receiver {Receiver} failed; keeping the previous one: {Problem}; {Suppressed} similar "
        + "messages suppressed")]
    private partial void LogSecret(string receiver, string problem, long suppressed);
}
