using System.Numerics;

namespace TelemetryPipeline.Heatmap;

/// <summary>
/// The exemplars of the cells a shard is writing to: a table with one place for a cell, in which a better span replaces
/// the one before. A cell that needs a taken place sends its occupant to the store, so nothing is lost by a collision.
/// </summary>
/// <remarks>Belongs to one shard: no locks but the store's.</remarks>
internal sealed class ExemplarCandidates(ExemplarStore store)
{
    /// <summary>Places: a second of 17 nodes x 3 kinds has some 500 cells, and two seconds are open at a time.</summary>
    private const int PlaceCount = 2048;

    private const ulong Spread = 0x9E37_79B9_7F4A_7C15;
    private static readonly int Shift = 64 - BitOperations.Log2(PlaceCount);

    private readonly ulong[] _keys = new ulong[PlaceCount];
    private readonly LatencyExemplar[] _exemplars = new LatencyExemplar[PlaceCount];
    private bool _any;

    /// <summary>Memory of a table, in bytes.</summary>
    public static long SizeBytes => PlaceCount * (sizeof(ulong) + ExemplarStore.ExemplarSizeBytes);

    public void Offer(int series, in LatencyExemplar exemplar)
    {
        _any = true;
        var key = ExemplarKey.Of(series, exemplar);
        var at = (int)((key * Spread) >> Shift);
        if (_keys[at] == key)
        {
            if (exemplar.Replaces(_exemplars[at]))
            {
                _exemplars[at] = exemplar;
            }

            return;
        }

        if (_keys[at] != 0)
        {
            store.Offer(_keys[at], _exemplars[at]);
        }

        _keys[at] = key;
        _exemplars[at] = exemplar;
    }

    /// <summary>Hands everything to the store.</summary>
    public void Flush()
    {
        for (var at = 0; _any && at < PlaceCount; at++)
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
