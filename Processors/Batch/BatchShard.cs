using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Processors.Batch;

/// <summary>
/// The open batch of one combination of metadata values, and the batches that wait because the next component asked
/// for a retry.
/// </summary>
/// <remarks>
/// The lock is held for adding a request and for taking a batch away, never while a batch is forwarded. A full batch
/// goes out on the thread that filled it. While batches wait, full ones queue up behind them and one drain at a time
/// offers them in order.
/// </remarks>
internal sealed class BatchShard : IDisposable
{
    private static readonly TimeSpan BackOffMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BackOffMax = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly BatchSettings _settings;
    private readonly BatchSender _sender;
    private readonly RequestMetadata? _metadata;
    private readonly ITimer _timer;

    // Guarded by the gate.
    private readonly LinkedList<OtlpBatch> _waiting = [];
    private OtlpBatch? _open;
    private long _openedAt;
    private TimeSpan _backOff = BackOffMin;
    private bool _draining;
    private bool _stopped;
    private bool _finished;
    private Task _drain = Task.CompletedTask;

    public BatchShard(BatchSettings settings, BatchSender sender, RequestMetadata? metadata)
    {
        _settings = settings;
        _sender = sender;
        _metadata = metadata;
        _timer = settings.Background.CreateTimer("batch_timeout", OnTimer, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Adds a request whose bytes are counted as held already, and forwards what is full.</summary>
    /// <param name="batch">The request, borrowed.</param>
    /// <param name="cancellation">Ends waiting inside the next component; the batch is held then.</param>
    /// <returns>Whether the request was taken; a stopped shard takes none.</returns>
    public ValueTask<bool> AddAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        OtlpBatch full;
        lock (_gate)
        {
            if (_stopped)
            {
                return new(false);
            }

            Append(batch);
            var open = _open!;
            if (open.ItemCount < _settings.Config.SendBatchSize
                && open.ByteCount < _settings.BatchBytesMax
                && !_settings.Config.SendsAtOnce)
            {
                return new(true);
            }

            full = TakeOpen();
            _sender.Metrics.SizeTrigger.Add(1);
            var oversized = IsOversized(full);
            if (_draining || _waiting.Count > 0 || oversized)
            {
                var drain = oversized && !_draining && _waiting.Count == 0;
                Enqueue(full);
                if (!drain)
                {
                    return new(true);
                }

                _draining = true;
                return DrainHereAsync(cancellation);
            }
        }

        return SendAsync(full, cancellation);
    }

    /// <summary>Hands on everything until nothing is left or the limit is reached; what is left then is dropped and counted.</summary>
    /// <param name="limit">The limit on draining.</param>
    public async Task StopAsync(CancellationToken limit)
    {
        Task drain;
        lock (_gate)
        {
            _stopped = true;
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            CloseOpen();
            drain = _drain;
        }

        await drain.ConfigureAwait(false);
        while (await DrainAsync(limit).ConfigureAwait(false) is { } pause)
        {
            if (limit.IsCancellationRequested)
            {
                break;
            }

            await Task.Delay(pause, _settings.Time, limit)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        lock (_gate)
        {
            _finished = true;
            foreach (var left in _waiting)
            {
                _sender.Drop("shutdown", "the time for draining is over", left);
            }

            _waiting.Clear();
        }
    }

    public void Dispose() => _timer.Dispose();

    private async ValueTask<bool> SendAsync(OtlpBatch full, CancellationToken cancellation)
    {
        if (await _sender.OfferAsync(full, cancellation).ConfigureAwait(false) is { } after)
        {
            lock (_gate)
            {
                if (_finished)
                {
                    _sender.Drop("shutdown", "the processor has stopped", full);
                    return true;
                }

                _waiting.AddLast(full);
                ScheduleRetry(after);
            }
        }

        return true;
    }

    private void Append(OtlpBatch batch)
    {
        if (_open is null)
        {
            _open = new OtlpBatch(batch.Signal, _metadata);
            _openedAt = _settings.Time.GetTimestamp();
            if (_waiting.Count == 0 && !_draining && !_settings.Config.SendsAtOnce)
            {
                _timer.Change(_settings.Config.Timeout, Timeout.InfiniteTimeSpan);
            }
        }

        foreach (var chunk in batch.Chunks)
        {
            _open.Append(chunk.Retain());
        }
    }

    private OtlpBatch TakeOpen()
    {
        var open = _open!;
        _open = null;
        return open;
    }

    private void CloseOpen()
    {
        if (_open is not null)
        {
            _sender.Metrics.TimeoutTrigger.Add(1);
            Enqueue(TakeOpen());
        }
    }

    private bool IsOversized(OtlpBatch batch) =>
        _settings.Config.SendBatchMaxSize > 0 && batch.ItemCount > _settings.Config.SendBatchMaxSize;

    private void Enqueue(OtlpBatch batch)
    {
        if (!IsOversized(batch))
        {
            _waiting.AddLast(batch);
            return;
        }

        var parts = new List<OtlpBatch>();
        try
        {
            OtlpSplitter.Split(batch, _settings.Config.SendBatchMaxSize, maxBytes: 0, parts);
        }
        catch (Exception e)
        {
            // What cannot be split goes out in one piece.
            _settings.Drains.Failed(e);
            parts.ForEach(static part => part.Dispose());
            _waiting.AddLast(batch);
            return;
        }

        var grown = -batch.ByteCount;
        foreach (var part in parts)
        {
            // Parts repeat their resources and scopes, so together they may be longer than the whole.
            grown += part.ByteCount;
            _waiting.AddLast(part);
        }

        _sender.Resize(grown);
        batch.Dispose();
    }

    private async ValueTask<bool> DrainHereAsync(CancellationToken cancellation)
    {
        // Out of the lock that the caller holds.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await DrainAndScheduleAsync(cancellation).ConfigureAwait(false);
        return true;
    }

    private void ScheduleRetry(TimeSpan after)
    {
        if (!_stopped && !_draining)
        {
            _timer.Change(after > _backOff ? after : _backOff, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (_stopped || _draining)
            {
                return;
            }

            // The timer serves both ends; a retry may come due just before the open batch does.
            var age = _settings.Time.GetElapsedTime(_openedAt);
            if (_open is not null && age >= _settings.Config.Timeout)
            {
                CloseOpen();
            }
            else if (_open is not null && _waiting.Count == 0)
            {
                _timer.Change(_settings.Config.Timeout - age, Timeout.InfiniteTimeSpan);
                return;
            }

            if (_waiting.Count > 0)
            {
                _draining = true;
                _drain = DrainThenScheduleAsync();
            }
        }
    }

    private async Task DrainThenScheduleAsync()
    {
        // Off the timer's thread and out of its lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await DrainAndScheduleAsync(_settings.Lifetime).ConfigureAwait(false);
    }

    private async Task DrainAndScheduleAsync(CancellationToken cancellation)
    {
        var pause = await DrainAsync(cancellation).ConfigureAwait(false);
        lock (_gate)
        {
            if (pause is { } after)
            {
                ScheduleRetry(after);
            }
        }
    }

    // Offers what waits, in order. Returns the pause before the next attempt, or null when nothing is left.
    private async Task<TimeSpan?> DrainAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            _draining = true;
        }

        while (true)
        {
            OtlpBatch head;
            lock (_gate)
            {
                if (_waiting.First is not { } first)
                {
                    _draining = false;
                    _backOff = BackOffMin;
                    RearmForOpen();
                    return null;
                }

                head = first.Value;
                _waiting.RemoveFirst();
            }

            var retry = await OfferAsync(head, cancellation).ConfigureAwait(false);
            lock (_gate)
            {
                if (retry is not { } after)
                {
                    _backOff = BackOffMin;
                    continue;
                }

                _draining = false;
                if (_finished)
                {
                    _sender.Drop("shutdown", "the processor has stopped", head);
                    return null;
                }

                _waiting.AddFirst(head);
                var pause = after > _backOff ? after : _backOff;
                _backOff = _backOff * 2 < BackOffMax ? _backOff * 2 : BackOffMax;
                return pause;
            }
        }
    }

    // An unexpected error costs the batch in hand and not those behind it.
    private async Task<TimeSpan?> OfferAsync(OtlpBatch head, CancellationToken cancellation)
    {
        try
        {
            var retry = await _sender.OfferAsync(head, cancellation).ConfigureAwait(false);
            _settings.Drains.Succeeded();
            return retry;
        }
        catch (Exception e)
        {
            _settings.Drains.Failed(e);
            _sender.Drop("internal_error", "unexpected error", head);
            return null;
        }
    }

    private void RearmForOpen()
    {
        if (_open is not null && !_stopped)
        {
            var left = _settings.Config.Timeout - _settings.Time.GetElapsedTime(_openedAt);
            _timer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
