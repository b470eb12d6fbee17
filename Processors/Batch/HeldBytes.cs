namespace TelemetryPipeline.Processors.Batch;

/// <summary>
/// Bytes that were taken and not forwarded yet, with a bound. At the bound a request waits while a batch is under way
/// to the next component, which makes room soon; it is turned away when that component refuses. Thread-safe.
/// </summary>
/// <param name="max">The bound; a single request above it is taken when nothing else is held.</param>
internal sealed class HeldBytes(long max)
{
    private readonly Lock _gate = new();

    // Guarded by the gate.
    private readonly LinkedList<Waiter> _waiters = [];
    private long _held;
    private int _underWay;

    /// <summary>Bytes held now.</summary>
    public long Value => Volatile.Read(ref _held);

    /// <summary>Requests that wait for room.</summary>
    public int WaiterCount
    {
        get
        {
            lock (_gate)
            {
                return _waiters.Count;
            }
        }
    }

    /// <summary>Whether a request would be turned away: the bound is reached and nothing is under way.</summary>
    public bool Refuses => Value >= max && Volatile.Read(ref _underWay) == 0;

    /// <summary>Reserves room for a request, waiting for it in order of arrival while a batch is under way.</summary>
    /// <param name="bytes">Its length.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>False when there is no room: nothing is reserved then.</returns>
    public ValueTask<bool> TakeAsync(long bytes, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_waiters.Count == 0 && Fits(bytes))
            {
                _held += bytes;
                return new(true);
            }

            if (_underWay == 0)
            {
                return new(false);
            }

            var node = _waiters.AddLast(new Waiter(bytes));
            return WaitAsync(node, cancellation);
        }
    }

    /// <summary>Changes what is held without asking.</summary>
    /// <param name="bytes">By how much it grows; negative gives room back.</param>
    public void Add(long bytes)
    {
        lock (_gate)
        {
            _held += bytes;
            Serve();
        }
    }

    /// <summary>A batch is handed to the next component.</summary>
    public void BeginOffer()
    {
        lock (_gate)
        {
            _underWay++;
        }
    }

    /// <summary>The next component has answered.</summary>
    /// <param name="refused">It asked for a retry: whoever waits is turned away, so that senders slow down.</param>
    public void EndOffer(bool refused)
    {
        lock (_gate)
        {
            _underWay--;
            if (refused || _underWay == 0)
            {
                foreach (var waiter in _waiters)
                {
                    waiter.TrySetResult(false);
                }

                _waiters.Clear();
            }
        }
    }

    private bool Fits(long bytes) => _held <= 0 || _held + bytes <= max;

    private void Serve()
    {
        while (_waiters.First is { } first && Fits(first.Value.Bytes))
        {
            _waiters.RemoveFirst();
            if (first.Value.TrySetResult(true))
            {
                _held += first.Value.Bytes;
            }
        }
    }

    private async ValueTask<bool> WaitAsync(LinkedListNode<Waiter> node, CancellationToken cancellation)
    {
        await using (cancellation.UnsafeRegister(static state => ((Waiter)state!).TrySetResult(false), node.Value).ConfigureAwait(false))
        {
            var taken = await node.Value.Task.ConfigureAwait(false);
            if (!taken)
            {
                lock (_gate)
                {
                    if (node.List is not null)
                    {
                        _waiters.Remove(node);
                        Serve();
                    }
                }
            }

            return taken;
        }
    }

    private sealed class Waiter(long bytes) : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public long Bytes => bytes;
    }
}
