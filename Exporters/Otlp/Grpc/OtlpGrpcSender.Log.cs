using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Exporters.Otlp.Grpc;

/// <content>Events: log and counter in one place.</content>
internal sealed partial class OtlpGrpcSender
{
    private readonly ILogger _log;
    private readonly Counter _warnings;

    private void Warned(string message)
    {
        _warnings.Add(1);
        if (_warningThrottle.TryPass(out var suppressed))
        {
            LogWarned(_log, message, suppressed);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message =
        "The server accepted the request with a warning: {ServerMessage}; {Suppressed} similar messages suppressed")]
    private static partial void LogWarned(ILogger log, string serverMessage, long suppressed);
}
