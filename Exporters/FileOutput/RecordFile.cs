using TelemetryPipeline.Exporters.Outbound;

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

    private readonly string _path;
    private readonly FileRotationConfig? _rotation;
    private readonly RotatedNames _names;
    private readonly TimeProvider _time;
    private readonly PooledBuffer _buffer = new(BufferSizeMax);
    private FileStream _file;
    private long _length;

    /// <summary>Opens the file.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="time">The clock that names files.</param>
    /// <param name="damage">What was found at the end of a file that is continued; empty when all is well.</param>
    public RecordFile(FileConfig config, TimeProvider time, out string damage)
    {
        _path = config.Path;
        _rotation = config.Rotation;
        _time = time;
        _names = new RotatedNames(_path);
        damage = "";
        var continues = config.Append || config.Rotation is not null;
        _file = Open(_path, continues ? FileMode.OpenOrCreate : FileMode.Create);
        if (continues && _file.CanSeek)
        {
            damage = Continue(config.IsFramed);
        }
    }

    /// <summary>Items in the records that are only in memory.</summary>
    public long BufferedItems { get; private set; }

    /// <summary>Takes a record, and writes when enough has come together or <paramref name="flush"/> says so.</summary>
    /// <param name="record">The record with its frame or line end.</param>
    /// <param name="itemCount">Items in it.</param>
    /// <param name="flush">Whether to write at once.</param>
    /// <returns>Why rotation failed, else null; the record was taken in either case.</returns>
    /// <exception cref="IOException">The record was not taken; earlier ones are still in memory.</exception>
    public IOException? Append(ReadOnlySpan<byte> record, int itemCount, bool flush)
    {
        IOException? rotationFailure = null;
        var pending = _length + _buffer.Length;
        if (_rotation is not null && pending > 0 && pending + record.Length > _rotation.MaxBytes)
        {
            Flush();
            rotationFailure = TryRotate();
        }

        if (_buffer.Length + record.Length > BufferSizeMax || flush)
        {
            Flush();
            if (flush || record.Length > BufferSizeMax)
            {
                Write(record);
                return rotationFailure;
            }
        }

        _buffer.Write(record);
        BufferedItems += itemCount;
        return rotationFailure;
    }

    /// <summary>Writes what is in memory.</summary>
    /// <exception cref="IOException">It stays in memory.</exception>
    public void Flush()
    {
        if (_buffer.Length == 0)
        {
            return;
        }

        Write(_buffer.WrittenSpan);
        _buffer.Clear();
        BufferedItems = 0;
    }

    /// <summary>Makes what was written survive a power loss.</summary>
    /// <exception cref="IOException">The device failed.</exception>
    public void Sync() => _file.Flush(flushToDisk: _file.CanSeek);

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _buffer.Dispose();
    }

    // Unbuffered, since the records in memory are the buffer.
    private static FileStream Open(string path, FileMode mode) => new(path, new FileStreamOptions
    {
        Mode = mode,
        Access = FileAccess.ReadWrite,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
    });

    private string Continue(bool isFramed)
    {
        var damage = "";
        if (isFramed)
        {
            var cut = RecordTail.CutHalfRecord(_file);
            damage = cut == 0 ? "" : $"{cut} bytes of a record that was not finished were cut off";
        }
        else if (RecordTail.EndOpenLine(_file))
        {
            damage = "a line that was not finished was ended";
        }

        _file.Seek(0, SeekOrigin.End);
        _length = _file.Length;
        return damage;
    }

    private void Write(ReadOnlySpan<byte> records)
    {
        try
        {
            _file.Write(records);
            _length += records.Length;
        }
        catch (IOException) when (_file.CanSeek)
        {
            CutBack();
            throw;
        }
    }

    private void CutBack()
    {
        _file.Position = _length;
        try
        {
            _file.SetLength(_length);
        }
        catch (IOException)
        {
            // The write's own failure is what counts; the next write begins at the same place and replaces the half record.
        }
    }

    // Without a new file the old one gets its name back, so that what follows is found where it is looked for. A file that
    // somebody else moved away is put away already.
    private FileStream PutAside(string name)
    {
        if (!File.Exists(_path))
        {
            return Open(_path, FileMode.CreateNew);
        }

        File.Move(_path, name);
        try
        {
            return Open(_path, FileMode.CreateNew);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Move(name, _path);
            throw;
        }
    }

    private IOException? TryRotate()
    {
        try
        {
            var now = _rotation!.LocalTime ? _time.GetLocalNow() : _time.GetUtcNow();
            Sync();
            var next = PutAside(_names.Free(now));
            _file.Dispose();
            _file = next;
            _length = 0;
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
