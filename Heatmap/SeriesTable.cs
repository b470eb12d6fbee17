using System.IO.Hashing;
using System.Numerics;

namespace TelemetryPipeline.Heatmap;

/// <summary>Finds the number of a series by the bytes of its dimensions, without a lock and without allocating.</summary>
/// <remarks>Any thread may look up; changes are made under the grid's lock.</remarks>
internal sealed class SeriesTable
{
    private const int PlacesPerSeries = 4;

    private readonly Dictionary<int, Entry> _entries = [];
    private Entry?[] _places = new Entry?[64];

    /// <summary>The number of a series, or -1.</summary>
    public int Find(ReadOnlySpan<byte> key)
    {
        var hash = XxHash3.HashToUInt64(key);
        var places = Volatile.Read(ref _places);
        var mask = places.Length - 1;
        for (var at = (int)hash & mask; ; at = (at + 1) & mask)
        {
            var entry = Volatile.Read(ref places[at]);
            if (entry is null)
            {
                return -1;
            }

            if (entry.Hash == hash && key.SequenceEqual(entry.Key))
            {
                return entry.Series;
            }
        }
    }

    public void Add(ReadOnlySpan<byte> key, int series)
    {
        var entry = new Entry(XxHash3.HashToUInt64(key), key.ToArray(), series);
        _entries.Add(series, entry);
        if (_entries.Count * PlacesPerSeries > _places.Length)
        {
            Publish();
        }
        else
        {
            Put(_places, entry);
        }
    }

    /// <summary>Forgets a series. Whoever looked it up before may still use its number.</summary>
    public void Remove(int series)
    {
        if (_entries.Remove(series))
        {
            Publish();
        }
    }

    /// <summary>The dimensions of a series; null for a number that is not in use.</summary>
    public byte[]? KeyOf(int series) => _entries.TryGetValue(series, out var entry) ? entry.Key : null;

    // A place that is emptied would cut the chains that lead over it, so removal and growth build anew.
    private void Publish()
    {
        var places = new Entry?[BitOperations.RoundUpToPowerOf2((uint)Math.Max(_entries.Count * PlacesPerSeries * 2, 64))];
        foreach (var entry in _entries.Values)
        {
            Put(places, entry);
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

    private sealed record Entry(ulong Hash, byte[] Key, int Series);
}
