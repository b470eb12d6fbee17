namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>Batches that may share a parcel, in order of arrival. Guarded by the queue's lock.</summary>
internal sealed class Partition(string key)
{
    private QueuedBatch? _last;

    public string Key => key;

    /// <summary>The oldest batch; null when empty.</summary>
    public QueuedBatch? First { get; private set; }

    /// <summary>Size of all batches, in the batcher's unit.</summary>
    public long Size { get; private set; }

    /// <summary>When the data in it must go, full or not: a timestamp of the clock.</summary>
    public long DueAt { get; set; }

    /// <summary>Whether it must go, full or not.</summary>
    public bool IsDue { get; set; }

    /// <summary>Whether it waits for a worker.</summary>
    public bool IsReady { get; set; }

    public void AddLast(QueuedBatch batch, long size)
    {
        batch.Next = null;
        if (_last is null)
        {
            First = batch;
        }
        else
        {
            _last.Next = batch;
        }

        _last = batch;
        Size += size;
    }

    public void AddFirst(QueuedBatch batch, long size)
    {
        batch.Next = First;
        First = batch;
        _last ??= batch;
        Size += size;
    }

    public QueuedBatch RemoveFirst(long size)
    {
        var first = First!;
        First = first.Next;
        first.Next = null;
        _last = First is null ? null : _last;
        Size -= size;
        return first;
    }
}
