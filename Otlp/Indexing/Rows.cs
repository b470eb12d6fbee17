using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TelemetryPipeline.Otlp.Indexing;

/// <summary>
/// Room for what is found out about a chunk, from the pool that chunks come from: as many of both wait in batches and
/// queues, far more than <see cref="System.Buffers.ArrayPool{T}.Shared"/> keeps.
/// </summary>
/// <typeparam name="T">A type without references.</typeparam>
internal readonly struct Rows<T>
    where T : unmanaged
{
    private readonly byte[]? _bytes;

    private Rows(byte[] bytes) => _bytes = bytes;

    /// <summary>All there is room for; the content is undefined at first.</summary>
    public Span<T> All
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => MemoryMarshal.Cast<byte, T>(_bytes.AsSpan());
    }

    /// <summary>Room for at least so many.</summary>
    public static Rows<T> Rent(int count) => new(PinnedArrayPool.Process.Rent(checked(Math.Max(count, 1) * Unsafe.SizeOf<T>())));

    /// <summary>Larger room with the first of them in it; the old one is given back.</summary>
    /// <param name="used">How many to take along.</param>
    /// <param name="count">Room for at least so many.</param>
    public Rows<T> Grow(int used, int count)
    {
        var larger = Rent(count);
        All[..used].CopyTo(larger.All);
        Return();
        return larger;
    }

    /// <summary>Gives the room back; it must not be used any more.</summary>
    public void Return()
    {
        if (_bytes is not null)
        {
            PinnedArrayPool.Process.Return(_bytes);
        }
    }
}
