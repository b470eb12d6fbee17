using System.IO.Pipelines;
using System.Threading.Channels;

namespace TelemetryPipeline.Heatmap.Query;

/// <summary>Somebody who follows the heat map live, with the events that were not yet sent.</summary>
internal sealed class StreamClient
{
    /// <summary>Events that may wait: a client that is further behind is cut off.</summary>
    public const int EventsMax = 16;

    private readonly Channel<byte[]> _events = Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(EventsMax) { SingleReader = true, SingleWriter = true });

    private readonly TaskCompletionSource _cutOff = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Queues an event.</summary>
    /// <returns>False where too many wait already.</returns>
    public bool TryOffer(byte[] streamEvent) => _events.Writer.TryWrite(streamEvent);

    /// <summary>No more events: what waits is still sent.</summary>
    public void Complete() => _events.Writer.TryComplete();

    /// <summary>Ends at once.</summary>
    public void CutOff()
    {
        _cutOff.TrySetResult();
        Complete();
    }

    /// <summary>Sends events until there are no more.</summary>
    /// <returns>False where the client was cut off.</returns>
    public async Task<bool> RunAsync(PipeWriter output, CancellationToken gone)
    {
        while (!_cutOff.Task.IsCompleted && await _events.Reader.WaitToReadAsync(gone).ConfigureAwait(false))
        {
            while (!_cutOff.Task.IsCompleted && _events.Reader.TryRead(out var streamEvent))
            {
                var write = output.WriteAsync(streamEvent, gone).AsTask();
                if (await Task.WhenAny(write, _cutOff.Task).ConfigureAwait(false) != write)
                {
                    return false;
                }

                if ((await write.ConfigureAwait(false)).IsCompleted)
                {
                    return true;
                }
            }
        }

        return !_cutOff.Task.IsCompleted;
    }
}
