using Microsoft.Extensions.Logging;

namespace TelemetryPipeline.Exporters.Alerting;

/// <content>Events.</content>
internal sealed partial class AlertSender
{
    private readonly ILogger _log;

    [LoggerMessage(Level = LogLevel.Error, Message = "{Events} events in {Groups} alerts not delivered to every receiver; discarded at shutdown, set "
        + "sending_queue::storage to keep them")]
    private partial void LogLost(long events, int groups);
}
