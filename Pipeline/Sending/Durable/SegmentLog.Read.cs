using System.Diagnostics.CodeAnalysis;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Sending.Durable;

/// <content>The reading side: one position, moved by one reader at a time.</content>
public sealed partial class SegmentLog
{
    private readonly Lock _readGate = new();
    private long _readOffset;
    private ulong _expectedId;

    private enum Step : byte
    {
        Found,
        Again,
        Nothing,
    }

    /// <summary>Reads the next record that is not acknowledged; damaged ones are counted and skipped.</summary>
    /// <returns>False when there is none now.</returns>
    internal bool TryRead([NotNullWhen(true)] out LogRecord? record)
    {
        lock (_readGate)
        {
            Step step;
            do
            {
                step = TakeReturned(out var segment, out var offset)
                    ? ReadAgain(segment, offset, out record)
                    : Advance(out record);
            }
            while (step == Step.Again);
            return step == Step.Found && record is not null;
        }
    }

    private bool TakeReturned(out Segment segment, out long offset)
    {
        lock (_gate)
        {
            var any = _returned.TryDequeue(out var returned);
            (segment, offset) = any ? returned : (null!, 0);
            return any && !_closed;
        }
    }

    // It is outstanding already, and known to begin exactly there.
    private Step ReadAgain(Segment segment, long offset, out LogRecord? record)
    {
        record = null;
        try
        {
            var at = RecordScanner.Find(segment.Open(), segment.Salt, offset, segment.Length, segment.BaseId, segment.BaseId, out var header);
            if (at == offset && ReadBody(segment, at, header, out record))
            {
                return Step.Found;
            }

            if (at != offset)
            {
                Damaged(segment.Path, 1, 0);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            ReadFailed(segment.Path, e);
            lock (_gate)
            {
                segment.IsKept = true;
            }
        }

        var done = false;
        lock (_gate)
        {
            segment.Outstanding--;
            done = IsDone(segment);
        }

        if (done)
        {
            Reclaim(segment);
        }

        return Step.Again;
    }

    private Step Advance(out LogRecord? record)
    {
        record = null;
        Segment? segment;
        long end;
        bool isSealed;
        lock (_gate)
        {
            if (_closed || !_unread.TryPeek(out segment))
            {
                return Step.Nothing;
            }

            (end, isSealed) = (segment.Length, segment.IsSealed);
        }

        if (_readOffset == 0)
        {
            _expectedId = segment.BaseId;
        }

        if (_readOffset >= end)
        {
            return isSealed ? Pass(segment, torn: false) : Step.Nothing;
        }

        return Load(segment, _readOffset, out record, end, isSealed);
    }

    private Step Load(Segment segment, long offset, out LogRecord? record, long end, bool isSealed)
    {
        record = null;
        try
        {
            var at = RecordScanner.Find(segment.Open(), segment.Salt, offset, end, segment.BaseId, _expectedId, out var header);
            if (at < 0)
            {
                _readOffset = end;
                return isSealed ? Pass(segment, torn: true) : Step.Again;
            }

            if (at != offset)
            {
                CountGap(segment, header.Id);
            }

            _expectedId = header.Id + 1;
            _readOffset = at + header.TotalLength;
            if (!ReadBody(segment, at, header, out record))
            {
                return Step.Again;
            }

            lock (_gate)
            {
                segment.Outstanding++;
            }

            return Step.Found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unreadable(segment, e, isSealed);
        }
    }

    private bool ReadBody(Segment segment, long at, in RecordHeader header, out LogRecord? record)
    {
        record = null;
        lock (_gate)
        {
            if (segment.Acks.IsAcked(header.Id - segment.BaseId))
            {
                return false;
            }
        }

        var body = PinnedArrayPool.Process.Rent((int)header.BodyLength);
        var bytes = body.AsSpan(0, (int)header.BodyLength);
        var read = RecordScanner.ReadFully(segment.Open(), bytes, at + RecordHeader.Size);
        if (read != bytes.Length
            || ~Crc32C.Append(RecordHeader.StartBodyCrc(segment.Salt), bytes) != header.BodyCrc)
        {
            PinnedArrayPool.Process.Return(body);
            lock (_gate)
            {
                Forget(segment, header.Id, header.Load);
            }

            Damaged(segment.Path, 1, header.ItemCount);
            return false;
        }

        var metadata = RecordMetadata.Decode(bytes[..header.MetadataLength]);
        bytes[header.MetadataLength..].CopyTo(bytes);
        var chunk = OtlpChunk.FromRented(_options.Signal, body, header.PayloadLength, header.ItemCount);
        record = new LogRecord(segment, at, header.Id, header.Load, new OtlpBatch(chunk, metadata));
        return true;
    }

    // A reopened log goes on after the last id it could read, so ids that follow at once mean that the torn record was an
    // append cut short, promised to nobody. How many are missing otherwise is unknown, since delivered segments between
    // this one and the next are deleted: at least one.
    private void CountTornEnd(Segment segment, ulong nextBase)
    {
        bool isAcked;
        lock (_gate)
        {
            isAcked = segment.Acks.IsAcked(_expectedId - segment.BaseId);
        }

        if (nextBase <= _expectedId)
        {
            Truncated(segment.Path);
        }
        else if (!isAcked)
        {
            Damaged(segment.Path, 1, 0);
        }
    }

    // Ids run without a gap inside a segment, so they tell how many records are missing.
    private void CountGap(Segment segment, ulong nextId)
    {
        long missing = 0;
        lock (_gate)
        {
            for (var id = _expectedId; id < nextId; id++)
            {
                missing += segment.Acks.IsAcked(id - segment.BaseId) ? 0 : 1;
            }
        }

        if (missing > 0)
        {
            Damaged(segment.Path, missing, 0);
        }
    }

    /// <summary>Passes sealed segments that were read to their end, without waiting for somebody who reads on.</summary>
    private void PassRead()
    {
        lock (_readGate)
        {
            while (TryPeekRead(out var segment))
            {
                Pass(segment, torn: false);
            }
        }
    }

    private bool TryPeekRead([NotNullWhen(true)] out Segment? segment)
    {
        lock (_gate)
        {
            segment = null;
            return !_closed && _unread.TryPeek(out segment) && segment.IsSealed && _readOffset >= segment.Length;
        }
    }

    private Step Pass(Segment segment, bool torn)
    {
        ulong nextBase;
        bool done;
        lock (_gate)
        {
            _unread.Dequeue();
            _readOffset = 0;
            nextBase = _unread.TryPeek(out var next) ? next.BaseId : _nextId;
            segment.IsPassed = true;
            _passed.Add(segment);
            done = IsDone(segment);
        }

        if (torn)
        {
            CountTornEnd(segment, nextBase);
        }

        segment.CloseFile();
        if (done)
        {
            Reclaim(segment);
        }

        return Step.Again;
    }

    // The medium fails: what cannot be read now is left where it is, for a later run or another tool.
    private Step Unreadable(Segment segment, Exception cause, bool isSealed)
    {
        lock (_gate)
        {
            segment.IsKept = true;
        }

        ReadFailed(segment.Path, cause);
        _readOffset = segment.Length;
        if (!isSealed)
        {
            return Step.Again;
        }

        lock (_gate)
        {
            _unread.Dequeue();
            _readOffset = 0;
            segment.IsPassed = true;
            _passed.Add(segment);
        }

        return Step.Again;
    }
}
