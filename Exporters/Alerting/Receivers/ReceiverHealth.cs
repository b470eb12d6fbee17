using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.Alerting.Receivers;

/// <summary>Tells the collector how the receivers are doing together, once for every change. Thread-safe.</summary>
/// <param name="report">Takes the status.</param>
internal sealed class ReceiverHealth(Action<ComponentStatus, string> report)
{
    private readonly Dictionary<string, (ComponentStatus Status, string Message)> _failing = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private ComponentStatus _reported = ComponentStatus.OK;

    /// <summary>Takes note of an attempt.</summary>
    /// <param name="receiver">The receiver's name.</param>
    /// <param name="attempt">How it ended.</param>
    public void Note(string receiver, ConsumeResult attempt)
    {
        lock (_gate)
        {
            switch (attempt.Outcome)
            {
                case ConsumeOutcome.Retry:
                    _failing[receiver] = (ComponentStatus.RecoverableError, attempt.Message);
                    break;
                case ConsumeOutcome.Rejected when attempt.Reason is SendReasons.Unauthenticated or SendReasons.PermissionDenied
                    or SendReasons.NotFound or SendReasons.Unimplemented:
                    _failing[receiver] = (ComponentStatus.PermanentError, attempt.Message);
                    break;
                default:
                    _failing.Remove(receiver);
                    break;
            }

            var worst = ComponentStatus.OK;
            var message = "";
            foreach (var (name, (status, text)) in _failing)
            {
                if (status > worst)
                {
                    worst = status;
                    message = $"receiver {name}: {text}";
                }
            }

            if (worst != _reported)
            {
                _reported = worst;
                report(worst, message);
            }
        }
    }
}
