using System.Text;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Sending;

/// <summary>
/// The waiting part of a queue: decides which batches go together and when they go. Without a batch configuration every
/// batch goes alone and at once.
/// </summary>
/// <remarks>Guarded by the queue's lock.</remarks>
internal sealed class BatchAssembler(QueueBatchConfig? config, TimeProvider time)
{
    // As many as the Collector's batch processor allows.
    internal const int PartitionCountMax = 1000;

    private readonly Dictionary<string, Partition> _partitions = new(StringComparer.Ordinal);
    private readonly Queue<Partition> _ready = new();
    private readonly Partition _only = new("");
    private bool _isFlushing;

    public bool HasReady => _ready.Count > 0;

    /// <summary>Whether nothing waits, ready or not.</summary>
    public bool IsEmpty => _ready.Count == 0 && _only.First is null && _partitions.Count == 0;

    public void Add(QueuedBatch batch)
    {
        var partition = PartitionOf(batch.Batch.Metadata);
        if (partition.First is null)
        {
            Schedule(partition);
        }

        partition.AddLast(batch, SizeOf(batch));
        MakeReadyIfFull(partition);
    }

    /// <summary>Puts the pieces of a batch that was too large where the batch was.</summary>
    public void AddPieces(IReadOnlyList<QueuedBatch> pieces)
    {
        var partition = PartitionOf(pieces[0].Batch.Metadata);
        if (partition.First is null)
        {
            Schedule(partition);
        }

        for (var i = pieces.Count - 1; i >= 0; i--)
        {
            partition.AddFirst(pieces[i], SizeOf(pieces[i]));
        }

        MakeReadyIfFull(partition);
    }

    /// <summary>Takes what goes next.</summary>
    /// <param name="parcel">Empty; filled with one or more batches, or with one that must be split first.</param>
    public bool TryTake(Parcel parcel)
    {
        if (!_ready.TryDequeue(out var partition))
        {
            return false;
        }

        partition.IsReady = false;
        Fill(parcel, partition);
        if (partition.First is null)
        {
            partition.IsDue = false;
            _partitions.Remove(partition.Key);
        }
        else
        {
            MakeReadyIfFull(partition);
            if (!partition.IsReady)
            {
                Schedule(partition);
            }
        }

        return true;
    }

    /// <summary>Makes ready what has waited long enough.</summary>
    /// <returns>How long until the next is due; null when nothing waits for its time.</returns>
    public TimeSpan? MakeDueReady()
    {
        var now = time.GetTimestamp();
        TimeSpan? next = null;
        Look(_only, now, ref next);
        foreach (var partition in _partitions.Values)
        {
            Look(partition, now, ref next);
        }

        return next;
    }

    /// <summary>From now on nothing waits for its time.</summary>
    public void Flush()
    {
        _isFlushing = true;
        MakeReadyIfFull(_only);
        foreach (var partition in _partitions.Values)
        {
            MakeReadyIfFull(partition);
        }
    }

    /// <summary>The headers that a merged batch keeps: those that all its parts have in common.</summary>
    public RequestMetadata? SharedMetadata(RequestMetadata? first)
    {
        if (first is null || config is not { MetadataKeys.Count: > 0 })
        {
            return null;
        }

        var shared = new List<KeyValuePair<string, IReadOnlyList<string>>>();
        foreach (var key in config.MetadataKeys)
        {
            if (first.Get(key) is { Count: > 0 } values)
            {
                shared.Add(new(key, values));
            }
        }

        return new RequestMetadata(shared);
    }

    private void Fill(Parcel parcel, Partition partition)
    {
        long size = 0;
        var enough = Math.Max(1, config?.MinSize ?? 1);
        while (partition.First is { } first && (parcel.Parts.Count == 0 || size < enough))
        {
            var next = SizeOf(first);
            if (config is { MaxSize: > 0 } && size + next > config.MaxSize)
            {
                if (parcel.Parts.Count > 0)
                {
                    return;
                }

                if (first.Whole is null)
                {
                    parcel.TooLarge = partition.RemoveFirst(next);
                    return;
                }

                // A piece that cannot be cut further goes as it is.
            }

            parcel.Add(partition.RemoveFirst(next));
            size += next;
        }
    }

    private void Look(Partition partition, long now, ref TimeSpan? next)
    {
        if (partition.First is null || partition.IsReady)
        {
            return;
        }

        var left = time.GetElapsedTime(now, partition.DueAt);
        if (left <= TimeSpan.Zero)
        {
            partition.IsDue = true;
            MakeReadyIfFull(partition);
        }
        else if (next is null || left < next)
        {
            next = left;
        }
    }

    private void MakeReadyIfFull(Partition partition)
    {
        if (!partition.IsReady && partition.First is not null
            && (config is null || _isFlushing || partition.IsDue || partition.Size >= config.MinSize))
        {
            partition.IsReady = true;
            _ready.Enqueue(partition);
        }
    }

    private void Schedule(Partition partition)
    {
        partition.IsDue = false;
        if (config is not null)
        {
            partition.DueAt = time.GetTimestamp() + (long)(config.FlushTimeout.TotalSeconds * time.TimestampFrequency);
        }
    }

    private long SizeOf(QueuedBatch batch) =>
        config?.Sizer == QueueSizer.Bytes ? batch.Batch.ByteCount : batch.Batch.ItemCount;

    private Partition PartitionOf(RequestMetadata? metadata)
    {
        if (config is not { MetadataKeys.Count: > 0 })
        {
            return _only;
        }

        var key = KeyOf(metadata);
        if (!_partitions.TryGetValue(key, out var partition))
        {
            if (_partitions.Count >= PartitionCountMax)
            {
                MakeSomeReady();
            }

            partition = new Partition(key);
            _partitions.Add(key, partition);
        }

        return partition;
    }

    // Too many distinct headers: whatever waits goes now, so that the number shrinks as fast as workers can take it.
    private void MakeSomeReady()
    {
        foreach (var partition in _partitions.Values)
        {
            partition.IsDue = true;
            MakeReadyIfFull(partition);
        }
    }

    // Lengths before the texts, so that no two lists of values look alike; absent differs from empty.
    private string KeyOf(RequestMetadata? metadata)
    {
        var key = new StringBuilder();
        foreach (var name in config!.MetadataKeys)
        {
            var values = metadata?.Get(name) ?? [];
            key.Append(values.Count).Append(';');
            foreach (var value in values)
            {
                key.Append(value.Length).Append(':').Append(value);
            }
        }

        return key.ToString();
    }
}
