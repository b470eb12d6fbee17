using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Exporters.FileOutput;

/// <content>Events: log and counter in one place.</content>
internal sealed partial class FileSender
{
    private readonly ILogger _log;
    private readonly Counter _rotationFailures;
    private readonly Counter _flushFailures;
    private readonly Counter _lost;

    private void RotationFailed(IOException failure)
    {
        _rotationFailures.Add(1);
        if (_rotationThrottle.TryPass(out _))
        {
            LogRotationFailed(_log, _config.Path, failure.Message);
        }
    }

    private void FlushFailed(Exception failure)
    {
        _flushFailures.Add(1);
        if (_flushThrottle.TryPass(out _))
        {
            LogFlushFailed(_log, _config.Path, failure.Message);
        }
    }

    private void Lost(long itemCount, Exception failure)
    {
        _lost.Add(itemCount);
        LogLost(_log, itemCount, _config.Path, failure.Message);
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message =
        "File {Path} reopened after an incomplete write: {Damage}")]
    private static partial void LogDamage(ILogger log, string path, string damage);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message =
        "Rotating or reopening {Path} failed; writing to the previous file: {Reason}")]
    private static partial void LogRotationFailed(ILogger log, string path, string reason);

    [LoggerMessage(EventId = 3, Level = LogLevel.Error, Message =
        "Writing to {Path} failed; keeping records in memory: {Reason}")]
    private static partial void LogFlushFailed(ILogger log, string path, string reason);

    [LoggerMessage(EventId = 4, Level = LogLevel.Error, Message =
        "Writing to {Path} failed; {ItemCount} items discarded at shutdown: {Reason}")]
    private static partial void LogLost(ILogger log, long itemCount, string path, string reason);
}
