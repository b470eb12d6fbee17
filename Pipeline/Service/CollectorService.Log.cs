using Microsoft.Extensions.Logging;

namespace TelemetryPipeline.Pipeline.Service;

public sealed partial class CollectorService
{
    [LoggerMessage(LogLevel.Information, "Reloading the configuration")]
    private static partial void LogReloading(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "{Problem}")]
    private static partial void LogConfigWarning(ILogger logger, string problem);

    [LoggerMessage(LogLevel.Error, "Collector start failed")]
    private static partial void LogNotStarted(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Critical, "Fatal error in {Component}; shutting down: {Why}")]
    private static partial void LogFatalError(ILogger logger, ComponentId component, string why);
}
