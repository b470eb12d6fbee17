using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Heatmap;

internal sealed partial class LatencyHeatmapConnector
{
    private readonly LogPace _pressed;

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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The next pipeline does not take a frame now ({Reason}: {Detail}). It is kept and offered again. {HeldBack} such messages were held back.")]
    private partial void LogRefused(string reason, string detail, long heldBack);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The next pipeline refused {Points} points of a frame for good ({Reason}: {Detail}). {HeldBack} such messages were held back.")]
    private partial void LogRejected(int points, string reason, string detail, long heldBack);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A frame of {Points} points was not taken before the end and is lost.")]
    private partial void LogLeft(int points);
}
