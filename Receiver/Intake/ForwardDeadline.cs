namespace TelemetryPipeline.Receiver.Intake;

/// <summary>
/// The token that a request is forwarded with. Most batches are taken at once, so it costs nothing until somebody has
/// to wait: only then are the client's going away and its deadline watched. Reused from request to request.
/// </summary>
#pragma warning disable CA1001 // A source without a timer or a wait handle holds nothing that needs disposing of.
internal sealed class ForwardDeadline(TimeProvider time)
#pragma warning restore CA1001
{
    private CancellationTokenSource _source = new();

    /// <summary>Fires when the client went away or its deadline passed, once <see cref="WaitAsync"/> waits.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Waits for an answer.</summary>
    /// <param name="pending">The answer.</param>
    /// <param name="timeout">Time the client gives; zero or less for no limit.</param>
    /// <param name="aborted">The client went away.</param>
    public async ValueTask<ExportReply> WaitAsync(ValueTask<ExportReply> pending, TimeSpan timeout, CancellationToken aborted)
    {
        var gone = aborted.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _source);
        var timer = timeout > TimeSpan.Zero
            ? time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), _source, timeout, Timeout.InfiniteTimeSpan)
            : null;
        try
        {
            return await pending.ConfigureAwait(false);
        }
        finally
        {
            await gone.DisposeAsync().ConfigureAwait(false);
            if (timer is not null)
            {
                await timer.DisposeAsync().ConfigureAwait(false);
            }

            if (!_source.TryReset())
            {
                _source.Dispose();
                _source = new CancellationTokenSource();
            }
        }
    }
}
