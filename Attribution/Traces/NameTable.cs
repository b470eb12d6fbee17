using System.IO.Hashing;
using System.Numerics;

namespace TelemetryPipeline.Attribution.Traces;

/// <summary>
/// Texts that come again and again (services, codes, span names) as small numbers. Looking one up takes no lock and
/// allocates nothing; a new one is added until the table is full, and then stands as <c>(other)</c>.
/// </summary>
internal sealed class NameTable
{
    /// <summary>The number of the empty text.</summary>
    public const ushort Empty = 0;

    /// <summary>The number of all texts that found no room.</summary>
    public const ushort Other = 1;

    /// <summary>Bytes of a text that are kept; the rest is cut off.</summary>
    public const int SizeBytesMax = 200;

    private const int PlacesPerName = 4;

    private readonly Lock _adding = new();
    private readonly int _capacity;
    private readonly byte[][] _texts;
    private Entry?[] _places = new Entry?[64];
    private int _count = Other + 1;
    private long _refused;

    /// <summary>A table with nothing in it.</summary>
    /// <param name="capacity">Texts it holds, up to 65536.</param>
    public NameTable(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, ushort.MaxValue + 1);
        _capacity = capacity;
        _texts = new byte[capacity][];
        _texts[Empty] = [];
        _texts[Other] = "(other)"u8.ToArray();
    }

    /// <summary>Texts in the table.</summary>
    public int Count => Volatile.Read(ref _count) - Other - 1;

    /// <summary>Look-ups that found no room for a new text.</summary>
    public long RefusedCount => Interlocked.Read(ref _refused);

    /// <summary>The text of a number.</summary>
    /// <param name="number">From <see cref="NumberOf"/>.</param>
    public byte[] TextOf(ushort number) => _texts[number];

    /// <summary>The number of a text.</summary>
    /// <param name="text">The text in UTF-8.</param>
    public ushort NumberOf(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return Empty;
        }

        text = Cut(text);
        var hash = XxHash3.HashToUInt64(text);
        return Find(Volatile.Read(ref _places), hash, text) ?? Add(hash, text);
    }

    private static ushort? Find(Entry?[] places, ulong hash, ReadOnlySpan<byte> text)
    {
        var mask = places.Length - 1;
        for (var at = (int)hash & mask; ; at = (at + 1) & mask)
        {
            var entry = Volatile.Read(ref places[at]);
            if (entry is null)
            {
                return null;
            }

            if (entry.Hash == hash && text.SequenceEqual(entry.Text))
            {
                return entry.Number;
            }
        }
    }

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> text)
    {
        if (text.Length <= SizeBytesMax)
        {
            return text;
        }

        // Not in the middle of a character: its further bytes begin with the bits 10.
        var length = SizeBytesMax;
        while (length > 0 && (text[length] & 0xC0) == 0x80)
        {
            length--;
        }

        return text[..length];
    }

    private ushort Add(ulong hash, ReadOnlySpan<byte> text)
    {
        if (Volatile.Read(ref _count) == _capacity)
        {
            Interlocked.Increment(ref _refused);
            return Other;
        }

        lock (_adding)
        {
            if (Find(_places, hash, text) is { } known)
            {
                return known;
            }

            if (_count == _capacity)
            {
                Interlocked.Increment(ref _refused);
                return Other;
            }

            var entry = new Entry(hash, text.ToArray(), (ushort)_count);
            _texts[_count] = entry.Text;
            Volatile.Write(ref _count, _count + 1);
            if (_count * PlacesPerName > _places.Length)
            {
                Grow();
            }

            Put(_places, entry);
            return entry.Number;
        }
    }

    private void Grow()
    {
        var places = new Entry?[BitOperations.RoundUpToPowerOf2((uint)(_count * PlacesPerName * 2))];
        foreach (var entry in _places)
        {
            if (entry is not null)
            {
                Put(places, entry);
            }
        }

        Volatile.Write(ref _places, places);
    }

    private static void Put(Entry?[] places, Entry entry)
    {
        var mask = places.Length - 1;
        var at = (int)entry.Hash & mask;
        while (places[at] is not null)
        {
            at = (at + 1) & mask;
        }

        Volatile.Write(ref places[at], entry);
    }

    private sealed record Entry(ulong Hash, byte[] Text, ushort Number);
}
