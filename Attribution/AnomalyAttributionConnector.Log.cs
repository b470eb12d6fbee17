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
        if (_pace.TryPass(out var heldBack))
        {
            LogRefused(result.Reason, result.Message, heldBack);
        }
    }

    void IOutboxJournal.OnRejected(int events, ConsumeResult result)
    {
        _metrics.SentEvents.Add(Math.Max(events - result.RejectedCount, 0));
        _metrics.DroppedEvents(result.Reason).Add(result.RejectedCount);
        if (_pace.TryPass(out var heldBack))
        {
            LogRejected(result.RejectedCount, result.Reason, result.Message, heldBack);
        }
    }

    void IOutboxJournal.OnDropped(int events, string reason)
    {
        _metrics.DroppedEvents(reason).Add(events);
        if (_pace.TryPass(out var heldBack))
        {
            LogDropped(events, reason, heldBack);
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

    [LoggerMessage(Level = LogLevel.Information, Message = "{Rules} rules are in force (hash {Hash}).")]
    private partial void LogRules(int rules, string hash);

    [LoggerMessage(Level = LogLevel.Information, Message = "The rules have changed: {Rules} are in force now (hash {Hash}).")]
    private partial void LogReloaded(int rules, string hash);

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed rules are not right, and the former ones stay in force: {Problem}")]
    private partial void LogReloadFailed(string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The next pipeline does not take events now ({Reason}: {Detail}). They are kept and offered again. {HeldBack} such messages were held back.")]
    private partial void LogRefused(string reason, string detail, long heldBack);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The next pipeline refused {Events} events for good ({Reason}: {Detail}). {HeldBack} such messages were held back.")]
    private partial void LogRejected(int events, string reason, string detail, long heldBack);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Events} events were dropped ({Reason}). {HeldBack} such messages were held back.")]
    private partial void LogDropped(int events, string reason, long heldBack);
}
