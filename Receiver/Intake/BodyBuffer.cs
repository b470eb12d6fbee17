using System.Buffers;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Listening;

namespace TelemetryPipeline.Receiver.Intake;

/// <summary>
/// One request body in one contiguous leased array, which grows up to a limit and within the receiver's budget.
/// Reused from request to request.
/// </summary>
/// <remarks>Not thread-safe. <see cref="Release"/> ends a request on every path.</remarks>
internal sealed class BodyBuffer(ByteBudget budget) : IBufferWriter<byte>
{
    // A body of unknown length begins small: most requests are.
    private const int FirstBytes = 4096;

    // A body of known length is given all of its memory when this part of it has arrived: a few copies less, and a
    // client that stalls holds no more than four times what it sent.
    private const int ExpectedPart = 4;

    private byte[] _array = [];
    private int _length;
    private int _limitBytes;
    private long _expectedBytes;
    private long _reservedBytes;
    private ListenerConnection? _connection;
    private long _connectionShareBytes;

    /// <summary>What was written so far.</summary>
    public ReadOnlySpan<byte> Written => _array.AsSpan(0, _length);

    /// <summary>What was written so far, to be changed in place.</summary>
    public Span<byte> Changeable => _array.AsSpan(0, _length);

    /// <summary>Bytes written so far.</summary>
    public int Length => _length;

    /// <summary>What refused to grow in an <see cref="IBufferWriter{T}"/> call; <see cref="BodyProblem.None"/> if nothing did.</summary>
    public BodyProblem Problem { get; private set; }

    /// <summary>Sets the size that the body must not exceed.</summary>
    public void Begin(int limitBytes)
    {
        _limitBytes = limitBytes;
        _expectedBytes = 0;
        Problem = BodyProblem.None;
    }

    /// <summary>Counts the bytes against the share of a connection as well, until <see cref="Release"/>.</summary>
    public void HoldFor(ListenerConnection? connection, long shareBytes)
    {
        _connection = connection;
        _connectionShareBytes = shareBytes;
    }

    /// <summary>Announces the length of the body, which reserves nothing yet.</summary>
    public BodyProblem Expect(long totalBytes)
    {
        _expectedBytes = totalBytes;
        return totalBytes > _limitBytes ? BodyProblem.TooLarge : BodyProblem.None;
    }

    /// <summary>Makes room for a body of a known length.</summary>
    public BodyProblem TryReserve(long totalBytes)
    {
        if (totalBytes > _limitBytes)
        {
            return BodyProblem.TooLarge;
        }

        if (totalBytes <= _array.Length)
        {
            return BodyProblem.None;
        }

        // While it grows, the old array and the new one exist together; the budget sees the difference afterwards.
        var moreBytes = totalBytes - _reservedBytes;
        if (_connection?.TryHold(moreBytes, _connectionShareBytes) == false)
        {
            return BodyProblem.NoRoom;
        }

        if (!budget.TryTake(moreBytes))
        {
            _connection?.Release(moreBytes);
            return BodyProblem.NoRoom;
        }

        _reservedBytes = totalBytes;
        var larger = PinnedArrayPool.Process.Rent((int)totalBytes);
        Written.CopyTo(larger);
        ReturnArray();
        _array = larger;
        return BodyProblem.None;
    }

    /// <summary>Adds bytes at the end.</summary>
    public BodyProblem TryAppend(in ReadOnlySequence<byte> bytes)
    {
        var problem = TryGrowTo(_length + bytes.Length);
        if (problem == BodyProblem.None)
        {
            bytes.CopyTo(_array.AsSpan(_length));
            _length += (int)bytes.Length;
        }

        return problem;
    }

    /// <summary>Free room at the end, at least one byte of it, for a decoder to fill.</summary>
    public BodyProblem TryGetRoom(out Span<byte> room)
    {
        // One byte beyond the limit tells a body of exactly that size from one that goes on.
        var problem = _length < _array.Length ? BodyProblem.None : TryGrowTo(_length + 1L);
        room = problem == BodyProblem.None ? _array.AsSpan(_length, Math.Min(_array.Length, _limitBytes) - _length) : default;
        return room.IsEmpty && problem == BodyProblem.None ? BodyProblem.TooLarge : problem;
    }

    /// <summary>The reserved room behind what was written.</summary>
    public Span<byte> Room => _array.AsSpan(_length);

    /// <summary>What was written, as a stream; valid until the buffer changes.</summary>
    public Stream AsStream() => new MemoryStream(_array, 0, _length, writable: false);

    /// <inheritdoc/>
    public void Advance(int count) => _length += count;

    /// <inheritdoc/>
    /// <exception cref="BodyLimitException">The limit or the budget is reached; <see cref="Problem"/> says which.</exception>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        GrowOrThrow(sizeHint);
        return _array.AsMemory(_length);
    }

    /// <inheritdoc/>
    /// <exception cref="BodyLimitException">The limit or the budget is reached; <see cref="Problem"/> says which.</exception>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        GrowOrThrow(sizeHint);
        return _array.AsSpan(_length);
    }

    /// <summary>Forgets everything from a point on.</summary>
    /// <param name="length">Bytes to keep, at most <see cref="Length"/>.</param>
    public void Truncate(int length) => _length = length;

    /// <summary>Hands the array over to a chunk. The bytes stay in the budget until <see cref="Release"/>.</summary>
    public OtlpChunk Detach(Signal signal, int itemCount)
    {
        var chunk = OtlpChunk.FromRented(signal, _array, _length, itemCount);
        _array = [];
        _length = 0;
        return chunk;
    }

    /// <summary>Ends the request: returns the array unless it was detached, and the bytes to the budget.</summary>
    public void Release()
    {
        ReturnArray();
        _array = [];
        _length = 0;
        if (_reservedBytes > 0)
        {
            _connection?.Release(_reservedBytes);
            budget.Return(_reservedBytes);
            _reservedBytes = 0;
        }

        _connection = null;
    }

    private BodyProblem TryGrowTo(long neededBytes)
    {
        if (neededBytes <= _array.Length && neededBytes <= _limitBytes)
        {
            return BodyProblem.None;
        }

        if (neededBytes <= _expectedBytes)
        {
            var isEnough = neededBytes >= _expectedBytes / ExpectedPart;
            return TryReserve(isEnough ? _expectedBytes : Math.Max(neededBytes, Math.Min(_array.Length * 2L, _expectedBytes)));
        }

        var doubled = Math.Min(Math.Max(_array.Length * 2L, FirstBytes), _limitBytes);
        return TryReserve(Math.Max(neededBytes, doubled));
    }

    private void GrowOrThrow(int sizeHint)
    {
        Problem = TryGrowTo(_length + Math.Max(sizeHint, 1L));
        if (Problem != BodyProblem.None)
        {
            throw new BodyLimitException();
        }
    }

    private void ReturnArray()
    {
        if (_array.Length > 0)
        {
            PinnedArrayPool.Process.Return(_array);
        }
    }
}
