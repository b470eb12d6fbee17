namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>The time limit of the attempts that one worker makes one after the other; its timer is reused.</summary>
internal sealed class AttemptLimit(TimeProvider time) : IDisposable
{
    private CancellationTokenSource? _source;
    private CancellationTokenRegistration _end;

    /// <summary>Begins an attempt.</summary>
    /// <param name="timeout">Its limit; zero for none.</param>
    /// <param name="end">Ends it early.</param>
    public CancellationToken Start(TimeSpan timeout, CancellationToken end)
    {
        if (timeout == TimeSpan.Zero)
        {
            return end;
        }

        if (_source is null || !_source.TryReset())
        {
            _source?.Dispose();
            _source = new CancellationTokenSource(timeout, time);
        }
        else
        {
            _source.CancelAfter(timeout);
        }

        _end = end.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
        return _source.Token;
    }

    /// <summary>Ends an attempt.</summary>
    public void Stop()
    {
        _end.Dispose();
        _source?.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _source?.Dispose();
}
