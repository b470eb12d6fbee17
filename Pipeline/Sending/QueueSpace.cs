namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>
/// The room of one queue: taken before a batch is kept, given back when it is delivered or given up. Whoever waits for
/// room is served in order of arrival.
/// </summary>
/// <remarks>
/// Thread-safe. A batch larger than the whole queue is let in while the queue is empty, so the bound is exceeded by at
/// most that one batch, and no batch waits for ever.
/// </remarks>
internal sealed class QueueSpace(QueueSizer sizer, long capacity)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private QueueSizer _sizer = sizer;
    private long _capacity = capacity;
    private QueueLoad _used;
    private bool _closed;
    private volatile bool _isFull;

    /// <summary>Whether the bound is reached. A single load: receivers ask before every request.</summary>
    public bool IsFull => _isFull;

    public long Capacity => Volatile.Read(ref _capacity);

    /// <summary>What is taken, in every unit.</summary>
    public QueueLoad Load
    {
        get
        {
            lock (_gate)
            {
                return _used;
            }
        }
    }

    /// <summary>What is taken, in units of the sizer.</summary>
    public long Used
    {
        get
        {
            lock (_gate)
            {
                return _used.In(_sizer);
            }
        }
    }

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

    /// <summary>Changes the bound, when a reload changed the configuration of a queue that stays open.</summary>
    public void Configure(QueueSizer newSizer, long newCapacity)
    {
        lock (_gate)
        {
            _sizer = newSizer;
            _capacity = newCapacity;
            _closed = false;
            ServeWaiters();
            NoteFullness();
        }
    }

    /// <summary>Takes room regardless of the bound: for what is on disk already.</summary>
    public void TakeAnyway(in QueueLoad load)
    {
        lock (_gate)
        {
            _used += load;
            NoteFullness();
        }
    }

    /// <summary>Takes room if there is some and nobody waits for it.</summary>
    public bool TryTake(in QueueLoad load)
    {
        lock (_gate)
        {
            return TryTakeLocked(load);
        }
    }

    /// <summary>Takes room, waiting for it.</summary>
    /// <returns>Whether it was taken; false after a cancellation or when the queue is closed.</returns>
    public ValueTask<bool> TakeAsync(in QueueLoad load, CancellationToken cancellation)
    {
        LinkedListNode<Waiter> node;
        lock (_gate)
        {
            if (TryTakeLocked(load))
            {
                return new(true);
            }

            if (_closed || cancellation.IsCancellationRequested)
            {
                return new(false);
            }

            node = _waiters.AddLast(new Waiter(load));
        }

        return WaitAsync(node, cancellation);
    }

    public void Give(in QueueLoad load)
    {
        lock (_gate)
        {
            _used -= load;
            ServeWaiters();
            NoteFullness();
        }
    }

    /// <summary>Sends all waiters away; nobody waits any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            while (_waiters.First is { } first)
            {
                _waiters.RemoveFirst();
                first.Value.Granted.SetResult(false);
            }
        }
    }

    private async ValueTask<bool> WaitAsync(LinkedListNode<Waiter> node, CancellationToken cancellation)
    {
        using var registration = cancellation.UnsafeRegister(_ => Leave(node), null);
        return await node.Value.Granted.Task.ConfigureAwait(false);
    }

    // The one who leaves may have stood before somebody whose batch fits: serve those behind, or they wait for ever.
    private void Leave(LinkedListNode<Waiter> node)
    {
        lock (_gate)
        {
            if (node.List is null)
            {
                return;
            }

            _waiters.Remove(node);
            node.Value.Granted.SetResult(false);
            ServeWaiters();
        }
    }

    private void ServeWaiters()
    {
        while (_waiters.First is { } first && Fits(first.Value.Load))
        {
            _waiters.RemoveFirst();
            _used += first.Value.Load;
            first.Value.Granted.SetResult(true);
        }
    }

    private bool TryTakeLocked(in QueueLoad load)
    {
        if (_waiters.Count > 0 || _closed || !Fits(load))
        {
            return false;
        }

        _used += load;
        NoteFullness();
        return true;
    }

    private void NoteFullness() => _isFull = _used.In(_sizer) >= _capacity;

    private bool Fits(in QueueLoad load) => _used.Requests == 0 || _used.In(_sizer) + load.In(_sizer) <= _capacity;

    private sealed class Waiter(QueueLoad load)
    {
        public QueueLoad Load => load;

        public TaskCompletionSource<bool> Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
