using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Sending.Durable;

namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>
/// The queue of one exporter and signal: takes batches, in memory or on disk, and has them delivered by up to
/// <c>num_consumers</c> workers.
/// </summary>
/// <remarks>
/// Thread-safe. A worker is an asynchronous loop that exists only while there is something to do: it is started by what
/// makes work (a batch, a timer), takes until nothing is left, and notices under the same lock under which work is
/// added that there is nothing, so no wake-up is lost. An idle queue costs no thread and no timer.
/// </remarks>
internal sealed partial class SendingQueue
{
    private readonly QueueConfig _config;
    private readonly Signal _signal;
    private readonly Delivery _delivery;
    private readonly SendingMetrics _metrics;
    private readonly SendingEvents _events;
    private readonly TimeProvider _time;
    private readonly BackgroundWork _background;
    private readonly ShutdownTokens _shutdown;

    private readonly Lock _gate = new();
    private readonly BatchAssembler _assembler;
    private readonly Stack<Worker> _idle = new();
    private SegmentLog? _log;
    private ITimer? _timer;
    private TaskCompletionSource? _drained;
    private int _active;
    private bool _isTimerArmed;
    private bool _isHalted;
    private bool _isClosed;

    public SendingQueue(
        QueueConfig config, Signal signal, Delivery delivery, SendingMetrics metrics, SendingEvents events,
        ShutdownTokens shutdown, BackgroundWork background, TimeProvider time)
    {
        _config = config;
        _signal = signal;
        _delivery = delivery;
        _metrics = metrics;
        _events = events;
        _shutdown = shutdown;
        _time = time;
        _background = background;
        _assembler = new BatchAssembler(config.Batch, time);
        Space = new QueueSpace(config.Sizer, config.QueueSize);
        metrics.ShowQueue(Space);
    }

    /// <summary>What it carries.</summary>
    public Signal Signal => _signal;

    /// <summary>The room.</summary>
    public QueueSpace Space { get; private set; }

    /// <summary>Whether a batch would be refused now.</summary>
    public bool IsFull => !_config.BlockOnOverflow && Space.IsFull;

    /// <summary>Keeps the queue on disk, and sends what an earlier run left there. Before the first batch.</summary>
    public void Open(SegmentLog log)
    {
        log.Space.Configure(_config.Sizer, _config.QueueSize);
        Space = log.Space;
        _metrics.ShowQueue(Space);
        lock (_gate)
        {
            _log = log;
        }

        log.Returned += Wake;
        Wake();
    }

    /// <summary>Takes a batch.</summary>
    /// <param name="batch">Borrowed until the task completes.</param>
    /// <param name="cancellation">The caller went away: waiting for room or for the result ends.</param>
    public ValueTask<ConsumeResult> EnqueueAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        if (batch.ItemCount == 0)
        {
            return new(ConsumeResult.Accepted);
        }

        var load = QueueLoad.Of(batch);
        if (Space.TryTake(load))
        {
            return Keep(batch, load, cancellation);
        }

        return _config.BlockOnOverflow
            ? WaitAndKeepAsync(batch, load, cancellation)
            : new(Refuse(batch, _isClosed ? Stopping : ConsumeResult.Retry("queue_full", "the sending queue is full")));
    }

    private async ValueTask<ConsumeResult> WaitAndKeepAsync(OtlpBatch batch, QueueLoad load, CancellationToken cancellation)
    {
        if (await Space.TakeAsync(load, cancellation).ConfigureAwait(false))
        {
            return await Keep(batch, load, cancellation).ConfigureAwait(false);
        }

        return Refuse(batch, cancellation.IsCancellationRequested
            ? ConsumeResult.Retry("cancelled", "the sender went away while it waited for room in the sending queue")
            : Stopping);
    }

    private static ConsumeResult Stopping => ConsumeResult.Retry("stopping", "the exporter is stopping");

    // Room has been taken for the batch.
    private ValueTask<ConsumeResult> Keep(OtlpBatch batch, in QueueLoad load, CancellationToken cancellation)
    {
        if (_log is { } log)
        {
            return KeepOnDiskAsync(log, batch, load);
        }

        var waiter = _config.WaitForResult ? new ResultWaiter() : null;
        var queued = new QueuedBatch { Batch = batch.Fork(), Load = load, Waiter = waiter };
        queued.Batch.ForgetIndexes();
        bool isTaken;
        lock (_gate)
        {
            isTaken = !_isClosed;
            if (isTaken)
            {
                _assembler.Add(queued);
                ArmTimer();
                StartWorkers();
            }
        }

        if (!isTaken)
        {
            queued.Batch.Dispose();
            Space.Give(load);
            return new(Refuse(batch, Stopping));
        }

        return waiter is null ? new(ConsumeResult.Accepted) : waiter.WaitAsync(cancellation);
    }

    private async ValueTask<ConsumeResult> KeepOnDiskAsync(SegmentLog log, OtlpBatch batch, QueueLoad load)
    {
        ConsumeResult result;
        try
        {
            result = await log.AppendAsync(batch, _config.Batch?.MetadataKeys ?? []).ConfigureAwait(false);
        }
        catch
        {
            // A bug; without this it would also cost the queue a place for good.
            Space.Give(load);
            throw;
        }

        if (!result.IsAccepted)
        {
            Space.Give(load);
            return Refuse(batch, result);
        }

        Wake();
        return result;
    }

    private void Wake()
    {
        lock (_gate)
        {
            StartWorkers();
        }
    }

    private ConsumeResult Refuse(OtlpBatch batch, in ConsumeResult result)
    {
        _events.NotEnqueued(_metrics, result, batch.ItemCount);
        return result;
    }

    // Under the lock. One at a time: a worker that finds more than it takes starts the next.
    private void StartWorkers()
    {
        if (_active < _config.NumConsumers && !_isHalted && (_assembler.HasReady || _log is { HasUnread: true }))
        {
            _active++;
            if (!_idle.TryPop(out var worker))
            {
                worker = new Worker(this);
            }

            ThreadPool.UnsafeQueueUserWorkItem(worker, preferLocal: false);
        }
    }

    // Under the lock.
    private void ArmTimer()
    {
        if (_config.Batch is { } batch && !_isTimerArmed && !_assembler.IsEmpty)
        {
            _isTimerArmed = true;
            SetTimer(batch.FlushTimeout);
        }
    }

    // Under the lock. Timers count whole milliseconds and must not fire early.
    private void SetTimer(TimeSpan due)
    {
        _timer ??= _background.CreateTimer("batch_timeout", OnTimer, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(due.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            var next = _assembler.MakeDueReady();
            _isTimerArmed = next is not null;
            if (next is { } due)
            {
                SetTimer(due);
            }

            StartWorkers();
        }
    }
}
