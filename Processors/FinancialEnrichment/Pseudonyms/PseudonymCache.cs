using System.IO.Hashing;
using System.Numerics;

namespace TelemetryPipeline.Processors.FinancialEnrichment.Pseudonyms;

/// <summary>
/// Remembers the pseudonyms of values seen lately: a customer's transfer has 17 spans. Bounded; thread-safe without a
/// lock: every place has a version that is odd while it is written, and a reader that meets a change takes a miss.
/// </summary>
internal sealed class PseudonymCache
{
    /// <summary>Longer values are not remembered: ids and card numbers are shorter.</summary>
    public const int ValueBytesMax = 40;

    private const int HeaderBytes = 5;
    private const int PlaceBytes = HeaderBytes + ValueBytesMax + PseudonymHasher.HexLength;
    private readonly byte[] _places;
    private readonly int[] _versions;
    private readonly int _mask;

    /// <summary>An empty cache.</summary>
    /// <param name="size">Values it holds, rounded up to a power of two; 0 for none.</param>
    public PseudonymCache(int size)
    {
        var count = size == 0 ? 0 : (int)BitOperations.RoundUpToPowerOf2((uint)size);
        _places = new byte[count * PlaceBytes];
        _versions = new int[count];
        _mask = count - 1;
    }

    /// <summary>Looks up a value.</summary>
    /// <param name="salt">The salt's index.</param>
    /// <param name="value">The sensitive value.</param>
    /// <param name="hex">Where its pseudonym goes; undefined on a miss.</param>
    public bool TryGet(int salt, ReadOnlySpan<byte> value, Span<byte> hex)
    {
        if (value.Length > ValueBytesMax || _mask < 0)
        {
            return false;
        }

        var place = PlaceOf(salt, value);
        var version = Volatile.Read(ref _versions[place]);
        var bytes = _places.AsSpan(place * PlaceBytes, PlaceBytes);
        if ((version & 1) != 0 || bytes[0] != value.Length || BitConverter.ToInt32(bytes[1..]) != salt
            || !bytes.Slice(HeaderBytes, value.Length).SequenceEqual(value))
        {
            return false;
        }

        bytes[(HeaderBytes + ValueBytesMax)..].CopyTo(hex);
        Volatile.ReadBarrier();
        return Volatile.Read(ref _versions[place]) == version && version != 0;
    }

    /// <summary>Remembers a value in the place of whichever was there.</summary>
    public void Put(int salt, ReadOnlySpan<byte> value, ReadOnlySpan<byte> hex)
    {
        if (value.Length > ValueBytesMax || _mask < 0)
        {
            return;
        }

        var place = PlaceOf(salt, value);
        var version = Volatile.Read(ref _versions[place]);
        if ((version & 1) != 0 || Interlocked.CompareExchange(ref _versions[place], version + 1, version) != version)
        {
            return;
        }

        var bytes = _places.AsSpan(place * PlaceBytes, PlaceBytes);
        bytes[0] = (byte)value.Length;
        BitConverter.TryWriteBytes(bytes[1..], salt);
        value.CopyTo(bytes[HeaderBytes..]);
        hex.CopyTo(bytes[(HeaderBytes + ValueBytesMax)..]);
        Volatile.Write(ref _versions[place], unchecked(version + 2));
    }

    private int PlaceOf(int salt, ReadOnlySpan<byte> value) => (int)XxHash3.HashToUInt64(value, salt) & _mask;
}
