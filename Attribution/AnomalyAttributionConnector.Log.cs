using Microsoft.Extensions.Logging;
using TelemetryPipeline.Attribution.Events;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Attribution;

internal sealed partial class AnomalyAttributionConnector : IOutboxJournal
{
    private readonly LogThrottle _pace;
    private bool _reloadFailed;

    void IOutboxJournal.OnSent(int events) => _metrics.SentEvents.Add(events);

    void IOutboxJournal.OnRefused(ConsumeResult result)
    {
        if (_pace.TryPass(out var suppressed))
        {
            LogRefused(result.Reason, result.Message, suppressed);
        }
    }

    void IOutboxJournal.OnRejected(int events, ConsumeResult result)
    {
        _metrics.SentEvents.Add(Math.Max(events - result.RejectedCount, 0));
        _metrics.DroppedEvents(result.Reason).Add(result.RejectedCount);
        if (_pace.TryPass(out var suppressed))
        {
            LogRejected(result.RejectedCount, result.Reason, result.Message, suppressed);
        }
    }

    void IOutboxJournal.OnDropped(int events, string reason)
    {
        _metrics.DroppedEvents(reason).Add(events);
        if (_pace.TryPass(out var suppressed))
        {
            LogDropped(events, reason, suppressed);
        }
    }

    private void OnReloaded(int rules, string hash)
    {
        _metrics.Reloads.Add(1);
        LogReloaded(rules, hash);
        if (_reloadFailed)
        {
            _reloadFailed = false;
            _reportStatus(ComponentStatus.OK, "");
        }
    }

    private void OnReloadFailed(string problem)
    {
        _metrics.FailedReloads.Add(1);
        _reloadFailed = true;
        _reportStatus(ComponentStatus.RecoverableError, "the changed rules are not in force: " + problem);
        LogReloadFailed(problem);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Rules} rules loaded (hash {Hash})")]
    private partial void LogRules(int rules, string hash);

    [LoggerMessage(Level = LogLevel.Information, Message = "Rules reloaded: {Rules} rules (hash {Hash})")]
    private partial void LogReloaded(int rules, string hash);

    [LoggerMessage(Level = LogLevel.Error, Message = "Rule reload failed; keeping the previous rules: {Problem}")]
    private partial void LogReloadFailed(string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Emitting attribution events failed ({Reason}: {Detail}); retrying; {Suppressed} similar messages suppressed")]
    private partial void LogRefused(string reason, string detail, long suppressed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The next pipeline rejected {Events} attribution events ({Reason}: {Detail}); the events are dropped; "
        + "{Suppressed} similar messages suppressed")]
    private partial void LogRejected(int events, string reason, string detail, long suppressed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Dropped {Events} attribution events ({Reason}); {Suppressed} similar messages suppressed")]
    private partial void LogDropped(int events, string reason, long suppressed);
}
