using TelemetryPipeline.Otlp.Indexing;

namespace TelemetryPipeline.Otlp;

/// <summary>
/// The protobuf bytes of one complete, validated OTLP export request, in leased memory. The bytes never change;
/// batches that share a chunk count references to it.
/// </summary>
/// <remarks>
/// A chunk starts with one reference, its creator's. <see cref="Retain"/> and <see cref="Release"/> are thread-safe;
/// after the last release the memory goes back to the pool and the chunk must not be touched.
/// </remarks>
public sealed class OtlpChunk
{
    private readonly byte[] _array;
    private readonly bool _pooled;
    private readonly int _length;
    private ChunkIndex? _index;
    private int _indexReaders;
    private int _references = 1;

    private OtlpChunk(Signal signal, byte[] array, int length, int itemCount, bool pooled)
    {
        Signal = signal;
        _array = array;
        _length = length;
        ItemCount = itemCount;
        _pooled = pooled;
    }

    /// <summary>What the request carries.</summary>
    public Signal Signal { get; }

    /// <summary>Spans, data points or log records in the request.</summary>
    public int ItemCount { get; }

    /// <summary>Length of the request in bytes.</summary>
    public int Length => _length;

    /// <summary>The request; valid while the caller holds a reference.</summary>
    public ReadOnlySpan<byte> Bytes => _array.AsSpan(0, _length);

    /// <summary>The request; valid while the caller holds a reference.</summary>
    public ReadOnlyMemory<byte> Memory => _array.AsMemory(0, _length);

    /// <summary>Takes over an array rented from <see cref="PinnedArrayPool.Process"/>, of which the first <paramref name="length"/> bytes are the request.</summary>
    /// <param name="signal">What the request carries.</param>
    /// <param name="rented">The array; it goes back to the pool with the last release.</param>
    /// <param name="length">Bytes used, 0 or more.</param>
    /// <param name="itemCount">Items as counted by validation.</param>
    public static OtlpChunk FromRented(Signal signal, byte[] rented, int length, int itemCount) =>
        new(signal, rented, length, itemCount, pooled: true);

    /// <summary>Wraps bytes that are not pooled, for tests and for rare requests built in memory.</summary>
    /// <param name="signal">What the request carries.</param>
    /// <param name="bytes">The request; must not be changed any more.</param>
    /// <param name="itemCount">Items as counted by validation.</param>
    public static OtlpChunk FromArray(Signal signal, byte[] bytes, int itemCount) =>
        new(signal, bytes, bytes.Length, itemCount, pooled: false);

    /// <summary>Adds a reference.</summary>
    /// <exception cref="ObjectDisposedException">The last reference was released before: a bug of the caller.</exception>
    public OtlpChunk Retain()
    {
        if (Interlocked.Increment(ref _references) <= 1)
        {
            Interlocked.Decrement(ref _references);
            throw new ObjectDisposedException(nameof(OtlpChunk));
        }

        return this;
    }

    /// <summary>Gives up a reference; the last one returns the memory.</summary>
    /// <exception cref="ObjectDisposedException">Released more often than retained: a bug of the caller.</exception>
    public void Release()
    {
        var left = Interlocked.Decrement(ref _references);
        ObjectDisposedException.ThrowIf(left < 0, this);
        if (left == 0)
        {
            _index?.Release();
            if (_pooled)
            {
                PinnedArrayPool.Process.Return(_array);
            }
        }
    }

    /// <summary>The chunk's nodes, found by the first who asks and then shared. Thread-safe.</summary>
    /// <returns>To be given back by <see cref="ReturnIndex"/>.</returns>
    internal ChunkIndex BorrowIndex()
    {
        var wait = default(SpinWait);
        var readers = Volatile.Read(ref _indexReaders);
        while (readers < 0 || Interlocked.CompareExchange(ref _indexReaders, readers + 1, readers) != readers)
        {
            wait.SpinOnce();
            readers = Volatile.Read(ref _indexReaders);
        }

        var index = Volatile.Read(ref _index);
        if (index is not null)
        {
            return index;
        }

        var built = IndexBuilder.Build(this);
        index = Interlocked.CompareExchange(ref _index, built, null);
        if (index is null)
        {
            return built;
        }

        built.Release();
        return index;
    }

    /// <summary>Takes over an index, before anybody reads the chunk.</summary>
    internal void TakeIndex(ChunkIndex index) => _index = index;

    /// <summary>Gives the nodes back.</summary>
    internal void ReturnIndex() => Interlocked.Decrement(ref _indexReaders);

    /// <summary>Frees what was found out about the chunk, unless somebody reads it: for one that will wait. It can be found again.</summary>
    internal void ForgetIndex()
    {
        const int Forgetting = -1;
        if (Volatile.Read(ref _index) is not null && Interlocked.CompareExchange(ref _indexReaders, Forgetting, 0) == 0)
        {
            Interlocked.Exchange(ref _index, null)?.Release();
            Volatile.Write(ref _indexReaders, 0);
        }
    }
}
