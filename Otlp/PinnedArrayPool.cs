using System.Buffers;
using System.Numerics;

namespace TelemetryPipeline.Otlp;

/// <summary>
/// The memory of chunks, and of what sockets are read into: arrays by powers of two that the garbage collector never
/// moves, kept for reuse up to a bound.
/// </summary>
/// <remarks>
/// Chunks wait in batches and queues, far more of them at a time than <see cref="ArrayPool{T}.Shared"/> keeps. Taken
/// from there, each request of 46 KB was a new array that the collector then had to copy: a sixth of the CPU of a
/// forwarding collector. Thread-safe; costs one short lock for each rent and return.
/// </remarks>
public sealed class PinnedArrayPool : ArrayPool<byte>
{
    private const int SmallestBits = 9;
    private const int LargestBits = 23;
    private const long TrimEveryMs = 10_000;

    private readonly SizeClass[] _classes = new SizeClass[LargestBits - SmallestBits + 1];
    private readonly long _keptBytesMax;
    private readonly Func<long> _nowMs;
    private long _keptBytes;
    private long _trimAtMs;

    /// <summary>A pool of its own, for tests.</summary>
    /// <param name="keptBytesMax">Unused memory that it may hold, in bytes.</param>
    /// <param name="nowMs">A clock that only goes forward, in milliseconds; the system's by default.</param>
    public PinnedArrayPool(long keptBytesMax, Func<long>? nowMs = null)
    {
        _keptBytesMax = keptBytesMax;
        _nowMs = nowMs ?? (static () => Environment.TickCount64);
        _trimAtMs = _nowMs() + TrimEveryMs;
        for (var i = 0; i < _classes.Length; i++)
        {
            _classes[i] = new SizeClass();
        }
    }

    /// <summary>
    /// The pool of the process: keeps up to 256 MiB, about what full queues of the default size hold. What was not
    /// needed for ten seconds goes, so a burst leaves nothing behind.
    /// </summary>
    public static PinnedArrayPool Process { get; } = new(256L << 20);

    /// <summary>Unused memory held, in bytes.</summary>
    public long KeptBytes => Interlocked.Read(ref _keptBytes);

    /// <inheritdoc/>
    /// <remarks>The content is undefined. Arrays above 8 MiB are made as asked and not kept.</remarks>
    public override byte[] Rent(int minimumLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minimumLength);
        var index = ClassOf(minimumLength);
        if (index >= _classes.Length)
        {
            return GC.AllocateUninitializedArray<byte>(minimumLength);
        }

        if (_classes[index].TryPop(out var array))
        {
            Interlocked.Add(ref _keptBytes, -array.Length);
            return array;
        }

        // Pinned arrays live in a heap of their own that is not compacted.
        return GC.AllocateUninitializedArray<byte>(1 << (index + SmallestBits), pinned: true);
    }

    /// <inheritdoc/>
    public override void Return(byte[] array, bool clearArray = false)
    {
        ArgumentNullException.ThrowIfNull(array);
        var index = ClassOf(array.Length);
        if (index >= _classes.Length || array.Length != 1 << (index + SmallestBits))
        {
            return;
        }

        if (clearArray)
        {
            Array.Clear(array);
        }

        if (Interlocked.Add(ref _keptBytes, array.Length) <= _keptBytesMax)
        {
            _classes[index].Push(array);
        }
        else
        {
            Interlocked.Add(ref _keptBytes, -array.Length);
        }

        var trimAt = Volatile.Read(ref _trimAtMs);
        var now = _nowMs();
        if (now >= trimAt && Interlocked.CompareExchange(ref _trimAtMs, now + TrimEveryMs, trimAt) == trimAt)
        {
            foreach (var sizeClass in _classes)
            {
                Interlocked.Add(ref _keptBytes, -sizeClass.DropUnneeded());
            }
        }
    }

    /// <summary>Leaves all unused memory to the garbage collector, when memory is short.</summary>
    public void Trim()
    {
        foreach (var sizeClass in _classes)
        {
            Interlocked.Add(ref _keptBytes, -sizeClass.Clear());
        }
    }

    private static int ClassOf(int length) =>
        Math.Max(0, BitOperations.Log2((uint)Math.Max(length, 1) - 1) + 1 - SmallestBits);

    // Last in, first out: the array that was used last is the one still in the cache.
    private sealed class SizeClass
    {
        private readonly Lock _lock = new();
        private byte[]?[] _arrays = new byte[8][];
        private int _count;

        // The fewest arrays that lay here since the last look: so many nobody needed.
        private int _fewest;

        public bool TryPop([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out byte[]? array)
        {
            lock (_lock)
            {
                if (_count == 0)
                {
                    _fewest = 0;
                    array = null;
                    return false;
                }

                array = _arrays[--_count]!;
                _arrays[_count] = null;
                _fewest = Math.Min(_fewest, _count);
                return true;
            }
        }

        public void Push(byte[] array)
        {
            lock (_lock)
            {
                if (_count == _arrays.Length)
                {
                    Array.Resize(ref _arrays, _count * 2);
                }

                _arrays[_count++] = array;
            }
        }

        public long Clear()
        {
            lock (_lock)
            {
                return Drop(_count);
            }
        }

        public long DropUnneeded()
        {
            lock (_lock)
            {
                return Drop(_fewest);
            }
        }

        // The lowest ones: they were used longest ago.
        private long Drop(int count)
        {
            var bytes = count == 0 ? 0 : (long)count * _arrays[0]!.Length;
            Array.Copy(_arrays, count, _arrays, 0, _count - count);
            Array.Clear(_arrays, _count - count, count);
            _count -= count;
            _fewest = _count;
            return bytes;
        }
    }
}
