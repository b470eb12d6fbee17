using System.Diagnostics.CodeAnalysis;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Sending.Durable;

namespace TelemetryPipeline.Pipeline.Sending;

/// <content>The delivering side.</content>
internal sealed partial class SendingQueue
{
    // Fills the parcel, or retires the worker.
    private bool TryTake(Worker worker)
    {
        while (true)
        {
            SegmentLog? log;
            lock (_gate)
            {
                log = _log;
                if (!_isHalted && _assembler.TryTake(worker.Parcel))
                {
                    ArmTimer();
                    StartWorkers();
                    return true;
                }

                if (_isHalted || log is not { HasUnread: true })
                {
                    Retire(worker);
                    return false;
                }
            }

            if (log.TryRead(out var record))
            {
                lock (_gate)
                {
                    _assembler.Add(new QueuedBatch { Batch = record.Batch, Record = record });
                    ArmTimer();
                }
            }
        }
    }

    // A bug in reading ends this worker as if there were nothing to do; the next batch starts one that tries again.
    private bool TryTakeOrRetire(Worker worker)
    {
        try
        {
            return TryTake(worker);
        }
        catch (Exception e)
        {
            _events.QueueFailed(e);
            lock (_gate)
            {
                Retire(worker);
            }

            return false;
        }
    }

    // Under the lock.
    private void Retire(Worker worker)
    {
        _active--;
        _idle.Push(worker);
        if (_active == 0)
        {
            _drained?.TrySetResult();
        }
    }

    private async Task SendAsync(Parcel parcel, AttemptLimit limit)
    {
        var parts = parcel.Parts;
        OtlpBatch? batch = null;
        try
        {
            var first = parts[0].Batch;
            batch = parts.Count == 1 ? first : parcel.Merge(_assembler.SharedMetadata(first.Metadata));
            var result = await _delivery.DeliverAsync(batch, limit, _log is not null, _shutdown.Hurry, _shutdown.End)
                .ConfigureAwait(false);
            Complete(parts, batch.ItemCount, result);
            _events.QueueWorks();
        }
        catch (Exception e)
        {
            Abandon(parts, e);
        }
        finally
        {
            batch?.Dispose();
            foreach (var part in parts)
            {
                part.Batch.Dispose();
            }
        }
    }

    // A bug on this side of the transport. What is in memory is given up as after a failed delivery; what is on disk stays
    // there, under way to nobody, until a restart reads it again.
    private void Abandon(IReadOnlyList<QueuedBatch> parts, Exception bug)
    {
        _events.QueueFailed(bug);
        if (_log is not null)
        {
            return;
        }

        var items = 0;
        foreach (var part in parts)
        {
            items += part.Batch.ItemCount;
        }

        var result = ConsumeResult.Retry("internal_error", bug.Message);
        CountGivenUp(parts, items, result);
        foreach (var part in parts)
        {
            Finish(part, result);
        }
    }

    private void Complete(IReadOnlyList<QueuedBatch> parts, int items, ConsumeResult result)
    {
        var rejected = result.Outcome == ConsumeOutcome.Rejected ? Math.Clamp(result.RejectedCount, 1, items) : 0;
        if (result.Outcome == ConsumeOutcome.Retry)
        {
            CountGivenUp(parts, items, result);
        }
        else
        {
            _metrics.Sent.Add(items - rejected);
            if (rejected > 0)
            {
                _metrics.SendFailed.Add(rejected);
                _events.Dropped(_metrics, result.Reason, result.Message, rejected);
            }
        }

        // Which items of a merged batch were refused is unknown: the first parts are told, so that the sum is right.
        foreach (var part in parts)
        {
            var share = Math.Min(rejected, part.Batch.ItemCount);
            rejected -= share;
            var own = result.Outcome == ConsumeOutcome.Rejected
                ? share == 0 ? ConsumeResult.Accepted : result with { RejectedCount = share }
                : result;
            Finish(part, own);
        }
    }

    // A batch whose sender still waits goes back to it; one on disk stays there when the process stops; others are lost.
    private void CountGivenUp(IReadOnlyList<QueuedBatch> parts, int items, in ConsumeResult result)
    {
        if (IsKeptOnDisk(result))
        {
            return;
        }

        _metrics.SendFailed.Add(items);
        long lost = 0;
        foreach (var part in parts)
        {
            lost += part.Root.Waiter is { IsWaiting: true } ? 0 : part.Batch.ItemCount;
        }

        if (lost > 0)
        {
            _events.Dropped(_metrics, result.Reason, result.Message, lost);
        }
    }

    private bool IsKeptOnDisk(in ConsumeResult result) =>
        _log is not null && result is { Outcome: ConsumeOutcome.Retry, Reason: Delivery.ShutdownReason };

    private void Finish(QueuedBatch part, in ConsumeResult result)
    {
        var root = part.Root;
        if (!root.Finish(result, out var whole))
        {
            return;
        }

        if (root.Record is { } record)
        {
            if (IsKeptOnDisk(whole))
            {
                Halt();
                _log!.Return(record);
            }
            else
            {
                _log!.Acknowledge(record);
            }
        }
        else
        {
            Space.Give(root.Load);
        }

        root.Waiter?.SetResult(whole);
    }

    private void Halt()
    {
        lock (_gate)
        {
            _isHalted = true;
        }
    }

    private List<OtlpBatch> Cut(OtlpBatch batch)
    {
        var pieces = new List<OtlpBatch>();
        try
        {
            BatchCutter.Cut(batch, _config.Batch!, pieces);
        }
        catch (Exception e)
        {
            // What cannot be cut goes in one piece.
            _events.QueueFailed(e);
            pieces.ForEach(static piece => piece.Dispose());
            pieces.Clear();
            pieces.Add(batch.Fork());
        }

        return pieces;
    }

    private void CutIntoPiecesOrAbandon(QueuedBatch large)
    {
        try
        {
            CutIntoPieces(large);
        }
        catch (Exception e)
        {
            Abandon([large], e);
        }
    }

    private void CutIntoPieces(QueuedBatch large)
    {
        var batches = Cut(large.Batch);
        large.Batch.Dispose();
        var pieces = new List<QueuedBatch>(batches.Count);
        foreach (var batch in batches)
        {
            pieces.Add(new QueuedBatch { Batch = batch, Whole = large });
        }

        large.Split(pieces.Count);
        lock (_gate)
        {
            _assembler.AddPieces(pieces);
            ArmTimer();
        }
    }

    [SuppressMessage("Reliability", "CA1001", Justification = "Lives as long as its queue; an idle limit holds nothing.")]
    private sealed class Worker(SendingQueue queue) : IThreadPoolWorkItem
    {
        private readonly AttemptLimit _limit = new(queue._time);

        public Parcel Parcel { get; } = new();

        public void Execute() => _ = RunAsync();

        private async Task RunAsync()
        {
            while (queue.TryTakeOrRetire(this))
            {
                if (Parcel.TooLarge is { } large)
                {
                    queue.CutIntoPiecesOrAbandon(large);
                }
                else
                {
                    await queue.SendAsync(Parcel, _limit).ConfigureAwait(false);
                }

                Parcel.Clear();
            }
        }
    }
}
