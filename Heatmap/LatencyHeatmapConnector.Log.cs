using Microsoft.Extensions.Logging;
using TelemetryPipeline.Heatmap.Snapshots;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Heatmap;

internal sealed partial class LatencyHeatmapConnector
{
    private readonly LogThrottle _pressed;
    private bool _saveFailed;

    private void OnRefused(ConsumeResult result)
    {
        if (_pressed.TryPass(out var heldBack))
        {
            LogRefused(result.Reason, result.Message, heldBack);
        }
    }

    private void OnRejected(ConsumeResult result)
    {
        _metrics.RejectedFramePoints(result.Reason).Add(result.RejectedCount);
        if (_pressed.TryPass(out var heldBack))
        {
            LogRejected(result.RejectedCount, result.Reason, result.Message, heldBack);
        }
    }

    private void OnRestored(SnapshotOutcome outcome, string detail)
    {
        switch (outcome)
        {
            case SnapshotOutcome.None:
                break;
            case SnapshotOutcome.Restored:
                LogRestored(Grid.SeriesInUse);
                break;
            default:
                _metrics.SnapshotFailures.Add(1);
                LogNotRestored(outcome, detail);
                break;
        }
    }

    private void OnSaved(string? problem)
    {
        if (problem is null)
        {
            if (_saveFailed)
            {
                _saveFailed = false;
                _reportStatus(ComponentStatus.OK, "");
            }

            return;
        }

        _metrics.SnapshotFailures.Add(1);
        if (!_saveFailed)
        {
            _saveFailed = true;
            _reportStatus(ComponentStatus.RecoverableError, "cannot write the snapshot: " + problem);
            LogNotSaved(problem);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The next pipeline does not take a frame now ({Reason}: {Detail}). It is kept and offered again. {HeldBack} such messages were held back.")]
    private partial void LogRefused(string reason, string detail, long heldBack);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The next pipeline refused {Points} points of a frame for good ({Reason}: {Detail}). {HeldBack} such messages were held back.")]
    private partial void LogRejected(int points, string reason, string detail, long heldBack);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A frame of {Points} points was not taken before the end and is lost.")]
    private partial void LogLeft(int points);

    [LoggerMessage(Level = LogLevel.Information, Message = "The heat map goes on with the last hour from its snapshot, {Series} series.")]
    private partial void LogRestored(int series);

    [LoggerMessage(Level = LogLevel.Error, Message = "The snapshot of the heat map was not restored: {Outcome}. {Detail}")]
    private partial void LogNotRestored(SnapshotOutcome outcome, string detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "The snapshot of the heat map cannot be written: {Problem}. It is tried again; this is said once.")]
    private partial void LogNotSaved(string problem);
}
