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
        if (_pressed.TryPass(out var suppressed))
        {
            LogRefused(result.Reason, result.Message, suppressed);
        }
    }

    private void OnRejected(ConsumeResult result)
    {
        _metrics.RejectedFramePoints(result.Reason).Add(result.RejectedCount);
        if (_pressed.TryPass(out var suppressed))
        {
            LogRejected(result.RejectedCount, result.Reason, result.Message, suppressed);
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "Emitting a heat map frame failed ({Reason}: {Detail}); retrying; {Suppressed} similar messages suppressed")]
    private partial void LogRefused(string reason, string detail, long suppressed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The next pipeline rejected {Points} points of a heat map frame ({Reason}: {Detail}); the points are dropped; "
        + "{Suppressed} similar messages suppressed")]
    private partial void LogRejected(int points, string reason, string detail, long suppressed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Heat map frame of {Points} points discarded at shutdown")]
    private partial void LogLeft(int points);

    [LoggerMessage(Level = LogLevel.Information, Message = "Heat map restored from its snapshot: {Series} series")]
    private partial void LogRestored(int series);

    [LoggerMessage(Level = LogLevel.Error, Message = "Heat map snapshot not restored ({Outcome}); starting empty: {Detail}")]
    private partial void LogNotRestored(SnapshotOutcome outcome, string detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "Writing the heat map snapshot failed; retrying, similar messages suppressed: {Problem}")]
    private partial void LogNotSaved(string problem);
}
