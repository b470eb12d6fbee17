using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline;

/// <summary>
/// Where a component forwards its batches. The graph connects it, and connects it anew on a reload while the component
/// keeps running.
/// </summary>
/// <remarks>Thread-safe. Costs two interlocked additions a batch.</remarks>
public sealed class Outlet : IConsumer, IAdmission
{
    private volatile Connection? _connection;

    /// <summary>Whether a pipeline takes what this outlet emits. Without one, a receiver does not serve the signal.</summary>
    public bool IsConnected => _connection is not null;

    /// <inheritdoc/>
    public ConsumeResult Admit(Signal signal) =>
        _connection?.Target is IAdmission target ? target.Admit(signal) : ConsumeResult.Accepted;

    /// <inheritdoc/>
    /// <remarks>An outlet that a reload has just disconnected asks for a retry: the sender finds the signal unserved then.</remarks>
    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        var connection = Enter();
        if (connection is null)
        {
            return new(ConsumeResult.Retry("not_connected", "no pipeline takes this signal any more"));
        }

        ValueTask<ConsumeResult> pending;
        try
        {
            pending = connection.Target.ConsumeAsync(batch, cancellation);
        }
        catch
        {
            connection.Leave();
            throw;
        }

        if (pending.IsCompletedSuccessfully)
        {
            connection.Leave();
            return pending;
        }

        return LeaveAfterAsync(connection, pending);
    }

    /// <summary>Connects the outlet to a new target, or to none.</summary>
    /// <param name="target">What takes the batches from now on; null disconnects.</param>
    /// <returns>Completes when no call is inside the former target any more: it can be stopped then.</returns>
    public Task ConnectAsync(IConsumer? target)
    {
        var former = Interlocked.Exchange(ref _connection, target is null ? null : new Connection(target));
        return former?.RetireAsync() ?? Task.CompletedTask;
    }

    private static async ValueTask<ConsumeResult> LeaveAfterAsync(
        Connection connection, ValueTask<ConsumeResult> pending)
    {
        try
        {
            return await pending.ConfigureAwait(false);
        }
        finally
        {
            connection.Leave();
        }
    }

    private Connection? Enter()
    {
        while (true)
        {
            var connection = _connection;
            if (connection is null)
            {
                return null;
            }

            connection.Enter();

            // Counted, then checked: either the swap sees this call and waits for it, or this call sees the swap.
            if (ReferenceEquals(connection, _connection))
            {
                return connection;
            }

            connection.Leave();
        }
    }

    private sealed class Connection(IConsumer target)
    {
        private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

        // Calls inside, plus one for being connected.
        private int _inside = 1;

        public IConsumer Target => target;

        public void Enter() => Interlocked.Increment(ref _inside);

        public void Leave()
        {
            if (Interlocked.Decrement(ref _inside) == 0)
            {
                _drained.TrySetResult();
            }
        }

        public Task RetireAsync()
        {
            Leave();
            return _drained.Task;
        }
    }
}
