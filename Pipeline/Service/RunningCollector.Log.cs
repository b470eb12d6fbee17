using Microsoft.Extensions.Logging;

namespace TelemetryPipeline.Pipeline.Service;

internal sealed partial class RunningCollector
{
    [LoggerMessage(LogLevel.Information, "Everything is ready; {Pipelines} pipelines running")]
    private static partial void LogRunning(ILogger logger, int pipelines);

    [LoggerMessage(LogLevel.Information, "Configuration reloaded: {Kept} components kept, {Started} started")]
    private static partial void LogReloaded(ILogger logger, int kept, int started);

    [LoggerMessage(LogLevel.Error, "Configuration reload failed; keeping the previous configuration: {Why}")]
    private static partial void LogReloadFailed(ILogger logger, string why, Exception? exception);

    [LoggerMessage(LogLevel.Error, "{Problem}")]
    private static partial void LogConfigError(ILogger logger, string problem);

    [LoggerMessage(LogLevel.Information, "Shutting down; draining accepted data for at most {Limit}")]
    private static partial void LogStopping(ILogger logger, TimeSpan limit);

    [LoggerMessage(LogLevel.Information, "Shutdown complete")]
    private static partial void LogStopped(ILogger logger);

    [LoggerMessage(LogLevel.Error, "Components did not stop within {Limit}; shutting down without them")]
    private static partial void LogStuck(ILogger logger, TimeSpan limit);

    [LoggerMessage(LogLevel.Error, "Components failed to stop")]
    private static partial void LogStopFailed(ILogger logger, Exception exception);
}
