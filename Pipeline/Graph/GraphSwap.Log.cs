using Microsoft.Extensions.Logging;

namespace TelemetryPipeline.Pipeline.Graph;

internal sealed partial class GraphSwap
{
    [LoggerMessage(LogLevel.Error, "The reload failed, and a component of the former configuration could not be started again.")]
    private static partial void LogNotRestarted(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Error, "A component could not be started in place of its predecessor; its data is refused for a retry.")]
    private static partial void LogNotHandedOver(ILogger logger, Exception exception);

    [LoggerMessage(LogLevel.Error, "Components of the former configuration failed to stop.")]
    private static partial void LogNotStopped(ILogger logger, Exception exception);
}
