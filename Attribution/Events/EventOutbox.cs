using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Attribution.Events;

/// <summary>
/// Hands events on: at once on the thread that made them, and in order from a bounded queue while the next pipeline does not
/// take them. Nobody waits here, since the events of one trace must not hold up the spans of others. Thread-safe.
/// </summary>
/// <param name="outlet">The next pipeline.</param>
/// <param name="eventsMax">Events that may wait or be under way.</param>
/// <param name="journal">Told what becomes of events.</param>
/// <param name="loop">Records unexpected errors of the next pipeline.</param>
/// <param name="time">The clock.</param>
internal sealed class EventOutbox(Outlet outlet, int eventsMax, IOutboxJournal journal, BackgroundLoop loop, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Queue<OtlpChunk> _waiting = new();
    private int _waitingEvents;
    private int _underWay;
    private bool _isPumping;
    private long _retryAt;
    private bool _mustWait;

    /// <summary>Events that wait or are under way.</summary>
    public int PendingCount => Volatile.Read(ref _waitingEvents) + Volatile.Read(ref _underWay);

    /// <summary>Hands events on, or keeps them for later.</summary>
    /// <param name="events">The events; this call takes over the caller's reference.</param>
    public void Send(OtlpChunk events)
    {
        lock (_lock)
        {
            if (PendingCount + events.ItemCount > eventsMax)
            {
                journal.OnDropped(events.ItemCount, "queue_full");
                events.Release();
                return;
            }

            if (_waiting.Count > 0 || _isPumping)
            {
                Enqueue(events);
                return;
            }

            Interlocked.Add(ref _underWay, events.ItemCount);
        }

        var sending = OfferAsync(events);
        if (sending.IsCompletedSuccessfully)
        {
            Settle(events, sending.Result);
        }
        else
        {
            _ = SettleAsync(events, sending);
        }
    }

    /// <summary>Offers what waits again; called again and again. Returns when nothing waits or the pipeline does not take it.</summary>
    /// <param name="cancellation">Ends the waiting for an answer.</param>
    public async Task PumpAsync(CancellationToken cancellation)
    {
        if (!TryBeginPump())
        {
            return;
        }

        try
        {
            while (Peek() is { } next)
            {
                var result = await OfferAsync(next).AsTask().WaitAsync(cancellation).ConfigureAwait(false);
                if (result.Outcome == ConsumeOutcome.Retry)
                {
                    NoteRetry(result);
                    return;
                }

                Dequeue();
                Report(next, result);
                next.Release();
            }
        }
        finally
        {
            lock (_lock)
            {
                _isPumping = false;
            }
        }
    }

    /// <summary>Hands on what waits until nothing does, or the time is over; what is left then is counted as dropped.</summary>
    /// <param name="cancellation">The time is over.</param>
    public async Task DrainAsync(CancellationToken cancellation)
    {
        try
        {
            while (PendingCount > 0)
            {
                await PumpAsync(cancellation).ConfigureAwait(false);
                if (PendingCount > 0)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellation).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // what is left is counted below
        }

        lock (_lock)
        {
            while (_waiting.TryDequeue(out var left))
            {
                journal.OnDropped(left.ItemCount, "shutdown");
                left.Release();
            }

            _waitingEvents = 0;
        }
    }

    private async ValueTask<ConsumeResult> OfferAsync(OtlpChunk events)
    {
        try
        {
            using var batch = new OtlpBatch(events.Retain());
            var result = await outlet.ConsumeAsync(batch, CancellationToken.None).ConfigureAwait(false);
            loop.Succeeded();
            return result;
        }
        catch (Exception e)
        {
            // Offering the same events again would fail again, and hold up those behind them.
            loop.Failed(e);
            return ConsumeResult.Rejected("internal_error", $"unexpected error in the next pipeline: {e.Message}", events.ItemCount);
        }
    }

    private async Task SettleAsync(OtlpChunk events, ValueTask<ConsumeResult> sending)
    {
        var result = await sending.ConfigureAwait(false);
        Settle(events, result);
    }

    private void Settle(OtlpChunk events, ConsumeResult result)
    {
        Interlocked.Add(ref _underWay, -events.ItemCount);
        if (result.Outcome == ConsumeOutcome.Retry)
        {
            NoteRetry(result);
            lock (_lock)
            {
                Enqueue(events);
            }

            return;
        }

        Report(events, result);
        events.Release();
    }

    private void Report(OtlpChunk events, ConsumeResult result)
    {
        if (result.IsAccepted)
        {
            journal.OnSent(events.ItemCount);
        }
        else
        {
            journal.OnRejected(events.ItemCount, result);
        }
    }

    private void NoteRetry(ConsumeResult result)
    {
        journal.OnRefused(result);
        lock (_lock)
        {
            _mustWait = result.RetryAfter > TimeSpan.Zero;
            _retryAt = time.GetTimestamp() + (long)(result.RetryAfter.TotalSeconds * time.TimestampFrequency);
        }
    }

    private bool TryBeginPump()
    {
        lock (_lock)
        {
            if (_isPumping || _waiting.Count == 0 || (_mustWait && time.GetTimestamp() < _retryAt))
            {
                return false;
            }

            return _isPumping = true;
        }
    }

    private void Enqueue(OtlpChunk events)
    {
        _waiting.Enqueue(events);
        _waitingEvents += events.ItemCount;
    }

    private OtlpChunk? Peek()
    {
        lock (_lock)
        {
            return _waiting.TryPeek(out var next) ? next : null;
        }
    }

    private void Dequeue()
    {
        lock (_lock)
        {
            if (_waiting.TryDequeue(out var sent))
            {
                _waitingEvents -= sent.ItemCount;
            }
        }
    }
}
