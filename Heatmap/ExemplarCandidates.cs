using System.Numerics;

namespace TelemetryPipeline.Heatmap;

/// <summary>
/// The exemplars of the cells a shard is writing to: a table with a few places for a cell, in which a better span
/// replaces the one before. A cell that finds all of them taken sends its occupant to the store, so nothing is lost by a collision.
/// </summary>
/// <remarks>Belongs to one shard: no locks but the store's.</remarks>
/// <param name="store">Takes what has to leave.</param>
/// <param name="placeCount">Places, a power of two.</param>
internal sealed class ExemplarCandidates(ExemplarStore store, int placeCount)
{
    // A second of 17 nodes x 3 kinds has some 500 cells, and two seconds are open at a time.
    private const int PlaceCountMax = 2048;
    private const int PlaceCountMin = 256;
    private const long AllTablesSizeBytesMax = 2 << 20;

    // A cell's places lie together.
    private const int PlacesOfCell = 4;
    private const ulong Spread = 0x9E37_79B9_7F4A_7C15;

    private readonly int _shift = 64 - BitOperations.Log2((uint)placeCount);
    private readonly ulong[] _keys = new ulong[placeCount];
    private readonly LatencyExemplar[] _exemplars = new LatencyExemplar[placeCount];
    private bool _any;

    private static long PlaceSizeBytes => sizeof(ulong) + ExemplarStore.ExemplarSizeBytes;

    /// <summary>Places of a table, so that all together stay small on machines with many cores.</summary>
    /// <param name="tables">How many tables there are.</param>
    public static int PlaceCountFor(int tables) => Math.Clamp(
        (int)BitOperations.RoundUpToPowerOf2((uint)(AllTablesSizeBytesMax / tables / PlaceSizeBytes)) / 2, PlaceCountMin, PlaceCountMax);

    /// <summary>Memory of so many tables, in bytes.</summary>
    public static long SizeBytes(int tables) => tables * PlaceCountFor(tables) * PlaceSizeBytes;

    /// <summary>Lets a span stand for its cell, unless a better one does.</summary>
    /// <param name="key">The cell: see <see cref="ExemplarKey"/>.</param>
    /// <param name="exemplar">The span.</param>
    public void Offer(ulong key, in LatencyExemplar exemplar)
    {
        _any = true;
        var at = (int)((key * Spread) >> _shift);
        if (_keys[at] != key && !TryFind(key, ref at))
        {
            if (_keys[at] != 0)
            {
                store.Offer(_keys[at], _exemplars[at]);
            }

            _keys[at] = key;
            _exemplars[at] = exemplar;
        }
        else if (exemplar.Replaces(_exemplars[at]))
        {
            _exemplars[at] = exemplar;
        }
    }

    /// <summary>Looks at the places beside the first, which would be contended for too often alone.</summary>
    /// <param name="key">The cell.</param>
    /// <param name="at">The first place; then the cell's, or a free one, or the first again.</param>
    /// <returns>Whether the cell has a place.</returns>
    private bool TryFind(ulong key, ref int at)
    {
        var free = _keys[at] == 0 ? at : -1;
        for (var other = 1; other < PlacesOfCell; other++)
        {
            var place = at ^ other;
            if (_keys[place] == key)
            {
                at = place;
                return true;
            }

            free = free < 0 && _keys[place] == 0 ? place : free;
        }

        at = free < 0 ? at : free;
        return false;
    }

    /// <summary>Hands everything to the store.</summary>
    public void Flush()
    {
        for (var at = 0; _any && at < placeCount; at++)
        {
            if (_keys[at] != 0)
            {
                store.Offer(_keys[at], _exemplars[at]);
                _keys[at] = 0;
            }
        }

        _any = false;
    }
}
