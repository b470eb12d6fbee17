using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Sending;

/// <content>Draining.</content>
internal sealed partial class SendingQueue
{
    // For attempts that were told to end and must unwind.
    private static readonly TimeSpan UnwindTime = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Delivers what is in the queue; the shutdown tokens end that. What is left in memory then is counted and logged,
    /// what is on disk stays there.
    /// </summary>
    public async Task DrainAsync()
    {
        Task drained;
        lock (_gate)
        {
            _assembler.Flush();
            _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            StartWorkers();
            if (_active == 0)
            {
                _drained.TrySetResult();
            }

            drained = _drained.Task;
        }

        try
        {
            await drained.WaitAsync(_shutdown.End).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Halt();
            await Task.WhenAny(drained, Task.Delay(UnwindTime, _time, CancellationToken.None)).ConfigureAwait(false);
        }

        Close();
    }

    private void Close()
    {
        var left = new List<QueuedBatch>();
        lock (_gate)
        {
            _isClosed = true;
            _isHalted = true;
            _timer?.Dispose();
            var parcel = new Parcel();
            while (_assembler.TryTake(parcel))
            {
                left.AddRange(parcel.Parts);
                if (parcel.TooLarge is { } large)
                {
                    left.Add(large);
                }

                parcel.Clear();
            }
        }

        CountLeft(left);
        foreach (var part in left)
        {
            Finish(part, ConsumeResult.Retry(Delivery.ShutdownReason, "the exporter stopped before it could deliver"));
            part.Batch.Dispose();
        }

        if (_log is { } log)
        {
            log.Returned -= Wake;
        }
        else
        {
            Space.Close();
        }
    }

    private void CountLeft(List<QueuedBatch> left)
    {
        if (_log is not null)
        {
            var load = Space.Load;
            if (load.Requests > 0)
            {
                _events.LeftOnDisk(_signal.PipelineName(), load.Requests, load.Items);
            }

            return;
        }

        long items = 0;
        foreach (var part in left)
        {
            items += part.Root.Waiter is { IsWaiting: true } ? 0 : part.Batch.ItemCount;
        }

        if (items > 0)
        {
            _events.LeftInMemory(_metrics, _signal.PipelineName(), left.Count, items);
        }
    }
}
