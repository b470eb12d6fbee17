using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters.Alerting.Grouping;

/// <summary>Waits until the events of one batch have been told, so that a queue on disk lets go of them only then. Thread-safe.</summary>
internal sealed class BatchWaiter
{
    private readonly TaskCompletionSource<ConsumeResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private int _open = 1;
    private ConsumeResult _worst = ConsumeResult.Accepted;

    /// <summary>Completes with accepted when all were told, else with the sum of what was refused, or with a wish to retry.</summary>
    public Task<ConsumeResult> Completion => _done.Task;

    /// <summary>One more event has to be told.</summary>
    public void Open()
    {
        lock (_gate)
        {
            _open++;
        }
    }

    /// <summary>An event was told or given up; also called once by the batch itself, when all its events are known.</summary>
    /// <param name="outcome">What became of the event.</param>
    public void Close(in ConsumeResult outcome)
    {
        lock (_gate)
        {
            _worst = outcome.Outcome switch
            {
                ConsumeOutcome.Retry => outcome,
                ConsumeOutcome.Rejected when _worst.Outcome != ConsumeOutcome.Retry =>
                    outcome with { RejectedCount = outcome.RejectedCount + _worst.RejectedCount },
                _ => _worst,
            };
            if (--_open == 0)
            {
                _done.TrySetResult(_worst);
            }
        }
    }
}
