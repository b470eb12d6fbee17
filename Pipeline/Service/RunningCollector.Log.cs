using Microsoft.Extensions.Logging;

namespace TelemetryPipeline.Pipeline.Service;

internal sealed partial class RunningCollector
{
    [LoggerMessage(LogLevel.Information, "Everything is ready: {Pipelines} pipelines are running.")]
    private static partial void LogRunning(ILogger logger, int pipelines);

    [LoggerMessage(LogLevel.Information, "The new configuration is running: {Kept} components were kept, {Started} were started.")]
    private static partial void LogReloaded(ILogger logger, int kept, int started);

    [LoggerMessage(LogLevel.Error, "The configuration was not reloaded and the former one runs on: {Why}.")]
    private static partial void LogReloadFailed(ILogger logger, string why, Exception? exception);

    [LoggerMessage(LogLevel.Error, "{Problem}")]
    private static partial void LogConfigError(ILogger logger, string problem);

    [LoggerMessage(LogLevel.Information, "Stopping: what was accepted is handed on for at most {Limit}.")]
    private static partial void LogStopping(ILogger logger, TimeSpan limit);

    [LoggerMessage(LogLevel.Information, "Stopped.")]
    private static partial void LogStopped(ILogger logger);

    [LoggerMessage(LogLevel.Error, "Gave up waiting for components that did not stop within {Limit}.")]
    private static partial void LogStuck(ILogger logger, TimeSpan limit);

    [LoggerMessage(LogLevel.Error, "Components failed to stop.")]
    private static partial void LogStopFailed(ILogger logger, Exception exception);
}
