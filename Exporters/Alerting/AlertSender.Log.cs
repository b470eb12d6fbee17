using Microsoft.Extensions.Logging;

namespace TelemetryPipeline.Exporters.Alerting;

/// <content>Events.</content>
internal sealed partial class AlertSender
{
    private readonly ILogger _log;

    [LoggerMessage(Level = LogLevel.Error, Message = "The process stops before some receiver was told of {Events} events in {Groups} alerts; they are lost. With sending_queue::storage they would be told after the next start.")]
    private partial void LogLost(long events, int groups);
}
