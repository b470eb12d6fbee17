using System.Buffers;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Sending.Durable;

/// <content>
/// The writing side. Whoever appends while nobody writes becomes the writer, and goes on for those who come meanwhile;
/// what came meanwhile is written, and flushed, as one group.
/// </content>
public sealed partial class SegmentLog
{
    // Enough for flushes to be shared by many, small enough for a segment to keep to its size.
    private const long GroupSizeMax = 4 * 1024 * 1024;
    private const int GroupCountMax = 256;
    private const int ErrorNoSpace = 28;
    private const int ErrorFileTooLarge = 27;
    private const int ErrorQuota = 122;

    private static readonly byte[] Padding = new byte[RecordHeader.Alignment];

    private readonly List<ReadOnlyMemory<byte>> _buffers = [];
    private readonly List<PendingAppend> _group = [];
    private readonly Queue<PendingAppend> _pending = new();
    private ITimer? _flushTimer;
    private TaskCompletionSource? _committingStopped;
    private bool _isCommitting;
    private bool _isDirty;
    private bool _flushIsDue;

    /// <summary>When writes are flushed; a later lease may change it.</summary>
    internal FsyncPolicy Fsync { get; set; }

    /// <summary>Appends a batch.</summary>
    /// <param name="batch">Borrowed until the task completes. The caller has taken room for it.</param>
    /// <param name="headerNames">Request headers to store; others may be credentials and never reach the disk.</param>
    /// <returns>Accepted once it is written, and flushed where the policy says so. Retry when the disk refuses it.</returns>
    internal ValueTask<ConsumeResult> AppendAsync(OtlpBatch batch, IReadOnlyList<string> headerNames)
    {
        var metadata = RecordMetadata.Encode(batch.Metadata, headerNames);
        if (batch.ByteCount + metadata.Length > Array.MaxLength)
        {
            return new(ConsumeResult.Rejected("too_large", "the batch is too large for the queue on disk", batch.ItemCount));
        }

        var append = new PendingAppend(batch, metadata);
        bool lead;
        lock (_gate)
        {
            if (_closed)
            {
                return new(ConsumeResult.Retry("stopping", "the queue on disk is closed"));
            }

            _pending.Enqueue(append);
            lead = !_isCommitting;
            _isCommitting = true;
        }

        if (lead)
        {
            Lead();
        }

        return append.Done.Task.IsCompletedSuccessfully ? new(append.Done.Task.Result) : new(append.Done.Task);
    }

    // A write goes to the page cache in microseconds; a flush takes milliseconds and must not hold up the caller's thread.
    private void Lead()
    {
        if (Fsync != FsyncPolicy.Always && CommitGroup() && !TryStopLeading())
        {
            LeadInBackground();
        }
        else if (Fsync == FsyncPolicy.Always)
        {
            LeadInBackground();
        }
    }

    private void LeadInBackground() => ThreadPool.UnsafeQueueUserWorkItem(
        static log =>
        {
            do
            {
                log.CommitGroup();
            }
            while (!log.TryStopLeading());
        },
        this,
        preferLocal: false);

    private bool TryStopLeading()
    {
        TaskCompletionSource? stopped;
        lock (_gate)
        {
            if (_pending.Count > 0 || _flushIsDue)
            {
                return false;
            }

            _isCommitting = false;
            stopped = _committingStopped;
        }

        stopped?.TrySetResult();
        return true;
    }

    private bool CommitGroup()
    {
        bool flush;
        lock (_gate)
        {
            long size = 0;
            while (_group.Count < GroupCountMax && size < GroupSizeMax && _pending.TryDequeue(out var append))
            {
                _group.Add(append);
                size += append.Batch.ByteCount;
            }

            flush = _flushIsDue;
            _flushIsDue = false;
        }

        if (_group.Count > 0)
        {
            var result = TryWriteGroup();
            foreach (var append in _group)
            {
                append.Done.SetResult(result);
            }

            _group.Clear();
        }

        if (flush)
        {
            FlushDirty();
        }

        return true;
    }

    // An unexpected error must not leave the appends, and all that come after them, without an answer.
    private ConsumeResult TryWriteGroup()
    {
        try
        {
            var result = WriteGroup();
            _commits.Succeeded();
            return result;
        }
        catch (Exception e)
        {
            _commits.Failed(e);
            return ConsumeResult.Retry("internal_error", $"unexpected error in the queue on disk: {e.Message}");
        }
    }

    private ConsumeResult WriteGroup()
    {
        try
        {
            var segment = _active is { } active && active.Length < _options.SegmentSizeBytes ? active : Roll();
            var headers = ArrayPool<byte>.Shared.Rent(_group.Count * RecordHeader.Size);
            try
            {
                var (length, load) = Compose(segment, headers);
                _options.Disk.Write(segment.Open(), _buffers, segment.Length);
                if (Fsync == FsyncPolicy.Always)
                {
                    _options.Disk.Flush(segment.Open());
                }

                Publish(segment, length, load);
                return ConsumeResult.Accepted;
            }
            catch
            {
                CutBack(segment);
                throw;
            }
            finally
            {
                _buffers.Clear();
                ArrayPool<byte>.Shared.Return(headers);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var isFull = (e.HResult & 0xFFFF) is ErrorNoSpace or ErrorQuota or ErrorFileTooLarge;
            var reason = isFull ? "storage_full" : "storage_error";
            AppendFailed(_options.Directory, reason, e);
            if (isFull)
            {
                GiveUpDelivered();
            }

            return ConsumeResult.Retry(reason, $"the queue on disk cannot take more: {e.Message}");
        }
    }

    private (long Length, QueueLoad Load) Compose(Segment segment, byte[] headers)
    {
        long total = 0;
        var load = default(QueueLoad);
        for (var i = 0; i < _group.Count; i++)
        {
            var (batch, metadata) = (_group[i].Batch, _group[i].Metadata);
            var crc = Crc32C.Append(RecordHeader.StartBodyCrc(segment.Salt), metadata);
            var headerBytes = headers.AsMemory(i * RecordHeader.Size, RecordHeader.Size);
            _buffers.Add(headerBytes);
            _buffers.Add(metadata);
            for (var c = 0; c < batch.Chunks.Count; c++)
            {
                var chunk = batch.Chunks[c];
                crc = Crc32C.Append(crc, chunk.Bytes);
                _buffers.Add(chunk.Memory);
            }

            var header = new RecordHeader(
                _nextId + (ulong)i, metadata.Length, (int)batch.ByteCount, batch.ItemCount, ~crc, batch.Signal);
            header.Write(headerBytes.Span, segment.Salt);
            var padding = (int)(header.TotalLength - RecordHeader.Size - header.BodyLength);
            _buffers.Add(Padding.AsMemory(0, padding));
            total += header.TotalLength;
            load += header.Load;
        }

        return (total, load);
    }

    private void Publish(Segment segment, long length, in QueueLoad load)
    {
        var startTimer = false;
        lock (_gate)
        {
            segment.Length += length;
            segment.Live += load;
            _nextId += (ulong)_group.Count;
            _isDirty = Fsync == FsyncPolicy.Interval;
            startTimer = _isDirty && _flushTimer is null;
            if (startTimer)
            {
                _flushTimer = _options.Background.CreateTimer(
                    "queue_flush", RequestFlush, SegmentLogOptions.FlushInterval, SegmentLogOptions.FlushInterval);
            }
        }
    }

    private Segment Roll()
    {
        if (_active is { } full)
        {
            if (Fsync != FsyncPolicy.Never)
            {
                _options.Disk.Flush(full.Open());
            }

            lock (_gate)
            {
                full.IsSealed = true;
                _active = null;
            }
        }

        var salt = (uint)_random.NextInt64(1, uint.MaxValue);
        var segment = Segment.Create(_options.Directory, _nextId, salt);
        if (Fsync != FsyncPolicy.Never)
        {
            StorageDirectory.Flush(_options.Directory);
        }

        lock (_gate)
        {
            _active = segment;
            _unread.Enqueue(segment);
        }

        return segment;
    }

    // A half-written group was promised to nobody. Where it cannot be cut off, the segment takes no more.
    private void CutBack(Segment segment)
    {
        try
        {
            RandomAccess.SetLength(segment.Open(), segment.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AppendFailed(segment.Path, "storage_error", e);
            lock (_gate)
            {
                segment.IsSealed = true;
                _active = null;
            }
        }
    }

    // A disk smaller than a segment may be full of nothing but delivered records, which go only with their segment: the
    // one at work is given up then, or nothing would ever be taken again.
    private void GiveUpDelivered()
    {
        lock (_gate)
        {
            if (_active is not { Length: > 0, Live.Requests: 0 } delivered)
            {
                return;
            }

            delivered.IsSealed = true;
            _active = null;
        }

        PassRead();
    }

    private void RequestFlush()
    {
        lock (_gate)
        {
            if (!_isDirty || _closed)
            {
                return;
            }

            _flushIsDue = true;
            if (_isCommitting)
            {
                return;
            }

            _isCommitting = true;
        }

        LeadInBackground();
    }

    private void FlushDirty()
    {
        try
        {
            if (_active is { } active)
            {
                _options.Disk.Flush(active.Open());
            }

            lock (_gate)
            {
                _isDirty = false;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Still dirty: the next round tries again.
            AppendFailed(_options.Directory, "storage_error", e);
        }
        catch (Exception e)
        {
            _commits.Failed(e);
        }
    }

    // The log is marked closed, so no more appends come in; those under way are finished by their leader.
    private void StopCommitting()
    {
        _flushTimer?.Dispose();
        Task? wait = null;
        lock (_gate)
        {
            if (_isCommitting)
            {
                _committingStopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                wait = _committingStopped.Task;
            }
        }

        wait?.GetAwaiter().GetResult();
        if (Fsync != FsyncPolicy.Never)
        {
            FlushDirty();
        }
    }

    private sealed class PendingAppend(OtlpBatch batch, byte[] metadata)
    {
        public OtlpBatch Batch => batch;

        public byte[] Metadata => metadata;

        public TaskCompletionSource<ConsumeResult> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
