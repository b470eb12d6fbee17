using Microsoft.Extensions.Logging;

namespace TelemetryPipeline.Pipeline.Graph;

internal sealed partial class GraphSwap
{
    [LoggerMessage(LogLevel.Error, "Reload failed; a component of the previous configuration could not be restarted")]
    private static partial void LogNotRestarted(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Error, "Component start failed during reload; returning a retryable error to its senders")]
    private static partial void LogNotHandedOver(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Error, "Components of the previous configuration failed to stop")]
    private static partial void LogNotStopped(ILogger logger, Exception exception);
}
