using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Files;

namespace TelemetryPipeline.Pipeline.Sending.Durable;

/// <summary>
/// A queue on disk: batches are appended to segments, read in order, acknowledged in any order, and a segment is
/// deleted when every record in it is acknowledged. What was read and not acknowledged is read again after a restart.
/// </summary>
/// <remarks>
/// Thread-safe. One group of appends is written at a time, by whoever comes first, for all who came meanwhile. A
/// reopened log never appends to a segment of an earlier run, so a torn end of one stays where it is and is skipped.
/// </remarks>
public sealed partial class SegmentLog
{
    private readonly SegmentLogOptions _options;
    private readonly ILogger _logger;
    private readonly Random _random;
    private readonly FileStream _lock;

    // Guards everything below but the reader's position. Taken after _readGate where both are.
    private readonly Lock _gate = new();
    private readonly BackgroundLoop _commits;
    private readonly Queue<Segment> _unread = new();
    private readonly HashSet<Segment> _passed = [];
    private readonly Queue<(Segment Segment, long Offset)> _returned = new();
    private Segment? _active;
    private ulong _nextId;
    private bool _closed;

    private SegmentLog(SegmentLogOptions options, FileStream directoryLock)
    {
        _options = options;
        _commits = options.Background.Watch("queue_commit", $"of {options.Owner} for {options.Signal}");
        _logger = options.Logger;
        _random = options.Random ?? new Random();
        _lock = directoryLock;
        CreateCounters();
    }

    /// <summary>The room of the queue, shared by everybody who has the log open; holds what is on disk.</summary>
    internal QueueSpace Space { get; } = new(QueueSizer.Requests, long.MaxValue);

    /// <summary>Whether <see cref="TryRead"/> has something to look at.</summary>
    internal bool HasUnread
    {
        get
        {
            lock (_gate)
            {
                return !_closed && (_returned.Count > 0 || _unread.Count > 1
                    || (_unread.Count == 1 && (_readOffset < _unread.Peek().Length || _unread.Peek().IsSealed)));
            }
        }
    }

    /// <summary>
    /// A record was given back: during a reload by the exporter that goes, for the one that comes and has nothing else
    /// to wake it.
    /// </summary>
    internal event Action? Returned;

    /// <summary>Opens a log that nobody else has open.</summary>
    /// <exception cref="ComponentStartException">The directory cannot be used.</exception>
    /// <returns>The log; null while another process holds the directory.</returns>
    internal static SegmentLog? TryOpen(SegmentLogOptions options)
    {
        try
        {
            PrivateFile.CreateDirectory(options.Directory);
            var directoryLock = StorageDirectory.TryLock(options.Directory);
            if (directoryLock is null)
            {
                return null;
            }

            var log = new SegmentLog(options, directoryLock);
            try
            {
                log.RestrictPermissions();
                log.LoadSegments();
            }
            catch
            {
                directoryLock.Dispose();
                throw;
            }

            return log;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ComponentStartException($"cannot open the queue in {options.Directory}: {e.Message}", e);
        }
    }

    /// <summary>Takes note that a record is delivered, or given up and counted.</summary>
    internal void Acknowledge(LogRecord record)
    {
        Segment? done = null;
        lock (_gate)
        {
            if (_closed)
            {
                // Too late: the files may be somebody else's by now, and the record is sent once more.
                return;
            }

            record.Segment.Outstanding--;
            Forget(record.Segment, record.Id, record.Load);
            if (IsDone(record.Segment))
            {
                done = record.Segment;
            }
        }

        if (done is not null)
        {
            Reclaim(done);
        }
    }

    /// <summary>Gives a record back, to be read again.</summary>
    internal void Return(LogRecord record)
    {
        lock (_gate)
        {
            _returned.Enqueue((record.Segment, record.Offset));
        }

        Returned?.Invoke();
    }

    /// <summary>Closes the files. Everything that is not acknowledged stays on disk; appends are told to come back.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
        }

        StopCommitting();
        var done = new List<Segment>();
        lock (_readGate)
        {
            lock (_gate)
            {
                if (_active is not null)
                {
                    _active.IsSealed = true;
                    _active = null;
                }

                if (_unread.Count == 1 && _readOffset >= _unread.Peek().Length && _unread.Peek() is { Outstanding: 0, IsKept: false } all)
                {
                    _unread.Dequeue();
                    done.Add(all);
                }

                foreach (var segment in _unread)
                {
                    segment.Dispose();
                }

                foreach (var segment in _passed)
                {
                    segment.Dispose();
                }
            }
        }

        done.ForEach(Reclaim);
        _lock.Dispose();
    }

    // An earlier version created the files with the umask's permissions.
    private void RestrictPermissions()
    {
        if (PrivateFile.Restrict(_options.Directory) is { } problem)
        {
            LogNotRestricted(_options.Directory, problem);
        }
    }

    private void LoadSegments()
    {
        foreach (var segment in Segment.FindAll(_options.Directory))
        {
            segment.Acks.Load(segment.Length / RecordHeader.Size);
            var next = segment.BaseId;
            var offset = 0L;
            while (true)
            {
                var at = RecordScanner.Find(segment.Open(), segment.Salt, offset, segment.Length, segment.BaseId, next, out var header);
                if (at < 0)
                {
                    break;
                }

                if (!segment.Acks.IsAcked(header.Id - segment.BaseId))
                {
                    segment.Live += header.Load;
                }

                next = header.Id + 1;
                offset = at + header.TotalLength;
            }

            segment.CloseFile();
            Space.TakeAnyway(segment.Live);
            _unread.Enqueue(segment);
            _nextId = next;
        }

        var found = Space.Load;
        if (found.Requests > 0)
        {
            LogReopened(_options.Directory, found.Requests, found.Items, found.Bytes);
        }
    }

    private static bool IsDone(Segment segment) => segment is { IsPassed: true, Outstanding: 0, IsKept: false };

    // Under the lock. A note that cannot be written costs a repetition after a restart, nothing else.
    private void Forget(Segment segment, ulong id, in QueueLoad load)
    {
        segment.Live -= load;
        Space.Give(load);
        try
        {
            segment.Acks.Ack(id - segment.BaseId);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AckFailed(e);
        }
    }

    private void Reclaim(Segment segment)
    {
        lock (_gate)
        {
            _passed.Remove(segment);

            // What was counted when the log was opened and found damaged when it was read.
            Space.Give(segment.Live);
            segment.Live = default;
        }

        try
        {
            segment.Delete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ReclaimFailed(segment.Path, e);
        }
    }
}
