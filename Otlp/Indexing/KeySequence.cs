using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TelemetryPipeline.Otlp.Indexing;

/// <summary>
/// The keys of the last item in their order, with their slots. A library writes the attributes of one operation in the
/// same order each time, so most keys are found by a comparison with the one that was at the same place before.
/// </summary>
/// <remarks>Lives on the stack for one chunk; keys are places in it.</remarks>
internal ref struct KeySequence
{
    /// <summary>Room needed, in entries; attributes behind so many are looked up each time.</summary>
    public const int Length = 64;

    private const int VectorBytes = 16;
    private const int None = -1;

    private readonly ReadOnlySpan<byte> _chunk;
    private readonly Span<Entry> _entries;
    private int _count;
    private int _at;
    private bool _isSame;

    /// <param name="chunk">The chunk's bytes.</param>
    /// <param name="room">For <see cref="Length"/> entries.</param>
    public KeySequence(ReadOnlySpan<byte> chunk, Span<Entry> room)
    {
        _chunk = chunk;
        _entries = room;
        room.Fill(new Entry(0, None, 0));
    }

    /// <summary>Whether the item had exactly the keys of the one before, so that what holds for their slots holds again.</summary>
    public readonly bool IsSame => _isSame && _at == _count;

    /// <summary>Begins an item.</summary>
    public void Begin()
    {
        _count = _at;
        _at = 0;
        _isSame = _count <= Length;
    }

    /// <summary>The slot of the item's next key, or -1.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="offset">Where the key begins.</param>
    /// <param name="length">Its length in bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Next(AttributeSlots.Table keys, int offset, int length)
    {
        var at = _at++;
        if ((uint)at < (uint)_entries.Length)
        {
            ref var entry = ref _entries[at];
            if (entry.Length == length && AreSame(_chunk.Slice(offset, length), _chunk.Slice(entry.Offset, length)))
            {
                return entry.Slot;
            }

            var slot = keys.Find(_chunk.Slice(offset, length));
            entry = new Entry(offset, length, slot);
            _isSame = false;
            return slot;
        }

        _isSame = false;
        return keys.Find(_chunk.Slice(offset, length));
    }

    /// <summary>Notes that the item is not like others: nothing holds again for the next.</summary>
    public void Break()
    {
        _isSame = false;
        _at = Length + 1;
    }

    // Two looks that overlap are quicker than a call.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool AreSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        if (one.Length is >= VectorBytes and <= 2 * VectorBytes)
        {
            return Vector128.Create(one) == Vector128.Create(other)
                && Vector128.Create(one[^VectorBytes..]) == Vector128.Create(other[^VectorBytes..]);
        }

        if (one.Length is >= sizeof(ulong) and < VectorBytes)
        {
            return BinaryPrimitives.ReadUInt64LittleEndian(one) == BinaryPrimitives.ReadUInt64LittleEndian(other)
                && BinaryPrimitives.ReadUInt64LittleEndian(one[^sizeof(ulong)..]) == BinaryPrimitives.ReadUInt64LittleEndian(other[^sizeof(ulong)..]);
        }

        return one.SequenceEqual(other);
    }

    /// <summary>A key.</summary>
    /// <param name="Offset">Where it begins.</param>
    /// <param name="Length">Its length in bytes.</param>
    /// <param name="Slot">Its slot, or -1.</param>
    internal readonly record struct Entry(int Offset, int Length, int Slot);
}
