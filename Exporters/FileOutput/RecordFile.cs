using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Pipeline.Files;

namespace TelemetryPipeline.Exporters.FileOutput;

/// <summary>
/// A file of records, with those not yet written in memory. Records reach the file whole: when a write fails part of
/// the way, the file is cut back to where it was and the records stay in memory.
/// </summary>
/// <remarks>Not thread-safe; its owner holds a lock.</remarks>
internal sealed class RecordFile : IDisposable
{
    /// <summary>Bytes kept in memory before they are written without waiting for the interval.</summary>
    public const int BufferSizeMax = 256 * 1024;

    private readonly FileRotationConfig? _rotation;
    private readonly RotatedNames _names;
    private readonly TimeProvider _time;
    private readonly PooledBuffer _buffer = new(BufferSizeMax);
    private readonly AppendedFile _file;

    /// <summary>Opens the file.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="time">The clock that names files.</param>
    /// <param name="damage">What was found at the end of a file that is continued; empty when all is well.</param>
    public RecordFile(FileConfig config, TimeProvider time, out string damage)
    {
        _rotation = config.Rotation;
        _time = time;
        _names = new RotatedNames(config.Path);
        damage = "";
        var continues = config.Append || config.Rotation is not null;
        _file = new AppendedFile(config.Path, isEmptied: !continues);
        if (continues && _file.CanSeek)
        {
            damage = RepairEnd(config.IsFramed);
        }
    }

    /// <summary>Items in the records that are only in memory.</summary>
    public long BufferedItems { get; private set; }

    /// <summary>Appends a record, and writes when enough has come together or <paramref name="flush"/> says so.</summary>
    /// <param name="record">The record with its frame or line end.</param>
    /// <param name="itemCount">Items in it.</param>
    /// <param name="flush">Whether to write at once.</param>
    /// <returns>Why the file could not be rotated or reopened, else null; the record was appended in either case.</returns>
    /// <exception cref="IOException">The record was not appended; earlier ones are still in memory.</exception>
    public IOException? Append(ReadOnlySpan<byte> record, int itemCount, bool flush)
    {
        IOException? failure = null;
        if (_rotation is not null && IsFull(record.Length))
        {
            failure = Flush();

            // Another program may have rotated the file meanwhile.
            failure = IsFull(record.Length) ? TryRotate() : failure;
        }

        if (_buffer.Length + record.Length > BufferSizeMax || flush)
        {
            failure = Flush() ?? failure;
            if (flush || record.Length > BufferSizeMax)
            {
                return Write(record) ?? failure;
            }
        }

        _buffer.Write(record);
        BufferedItems += itemCount;
        return failure;
    }

    /// <summary>Writes what is in memory.</summary>
    /// <returns>Why a file that was moved away could not be reopened, else null; the records are written in either case.</returns>
    /// <exception cref="IOException">It stays in memory.</exception>
    public IOException? Flush()
    {
        if (_buffer.Length == 0)
        {
            return null;
        }

        var failure = Write(_buffer.WrittenSpan);
        _buffer.Clear();
        BufferedItems = 0;
        return failure;
    }

    /// <summary>Makes what was written survive a power loss.</summary>
    /// <exception cref="IOException">The device failed.</exception>
    public void Sync() => _file.Stream.Flush(flushToDisk: _file.CanSeek);

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _buffer.Dispose();
    }

    private string RepairEnd(bool isFramed)
    {
        if (isFramed)
        {
            var cut = RecordTail.CutHalfRecord(_file.Stream);
            return cut == 0 ? "" : $"{cut} bytes of a record that was not finished were cut off";
        }

        return RecordTail.EndOpenLine(_file.Stream) ? "a line that was not finished was ended" : "";
    }

    private bool IsFull(int recordLength)
    {
        var pending = _file.Length + _buffer.Length;
        return pending > 0 && pending + recordLength > _rotation!.MaxBytes;
    }

    private IOException? Write(ReadOnlySpan<byte> records)
    {
        var problem = _file.ReopenIfMoved();
        _file.Write(records);
        return problem is null ? null : new IOException(problem);
    }

    private IOException? TryRotate()
    {
        try
        {
            if (_file.ReopenIfMoved() is { } problem)
            {
                return new IOException(problem);
            }

            var now = _rotation!.LocalTime ? _time.GetLocalNow() : _time.GetUtcNow();
            Sync();
            _file.Rotate(_names.Free(now));
            foreach (var outdated in _names.Outdated(_rotation, now))
            {
                File.Delete(outdated);
            }

            return null;
        }
        catch (IOException e)
        {
            // The data comes first: it goes on into the file that is open, and the next record tries again.
            return e;
        }
        catch (UnauthorizedAccessException e)
        {
            return new IOException(e.Message, e);
        }
    }
}
