namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>Tells the collector how an exporter is doing, once for every change.</summary>
internal sealed class ExporterHealth(Action<ComponentStatus, string> report)
{
    private int _status = (int)ComponentStatus.OK;

    /// <summary>Takes note of an attempt.</summary>
    public void Report(in ConsumeResult attempt)
    {
        switch (attempt.Outcome)
        {
            case ConsumeOutcome.Retry:
                Change(ComponentStatus.RecoverableError, attempt.Message);
                break;
            case ConsumeOutcome.Rejected when SendReasons.IsPermanent(attempt.Reason):
                Change(ComponentStatus.PermanentError, attempt.Message);
                break;
            default:
                Change(ComponentStatus.OK, "");
                break;
        }
    }

    private void Change(ComponentStatus status, string message)
    {
        if (Volatile.Read(ref _status) != (int)status
            && Interlocked.Exchange(ref _status, (int)status) != (int)status)
        {
            report(status, message);
        }
    }
}
