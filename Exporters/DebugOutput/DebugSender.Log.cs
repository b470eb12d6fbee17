using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Exporters.DebugOutput;

/// <content>Events: log and counter in one place.</content>
internal sealed partial class DebugSender
{
    private readonly ILogger _log;
    private readonly Counter _writeFailures;

    private void WriteFailed(Exception failure)
    {
        _writeFailures.Add(1);
        if (_throttle.TryPass(out _))
        {
            LogWriteFailed(_log, failure.Message);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message =
        "Writing the debug output failed; batches are accepted without being shown: {Reason}")]
    private static partial void LogWriteFailed(ILogger log, string reason);
}
