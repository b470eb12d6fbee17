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
        "The file {Path} was continued after a stop in the middle of a write: {Damage}.")]
    private static partial void LogDamage(ILogger log, string path, string damage);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message =
        "File {Path} cannot be rotated or reopened; writing to the old file: {Reason}")]
    private static partial void LogRotationFailed(ILogger log, string path, string reason);

    [LoggerMessage(EventId = 3, Level = LogLevel.Error, Message =
        "Records stay in memory because the file {Path} cannot be written: {Reason}.")]
    private static partial void LogFlushFailed(ILogger log, string path, string reason);

    [LoggerMessage(EventId = 4, Level = LogLevel.Error, Message =
        "{ItemCount} items are lost because the file {Path} could not be written before the stop: {Reason}.")]
    private static partial void LogLost(ILogger log, long itemCount, string path, string reason);
}
