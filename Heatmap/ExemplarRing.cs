using System.Runtime.InteropServices;

namespace TelemetryPipeline.Heatmap;

/// <summary>
/// Exemplars of one role, at most one a cell. It grows up to its limit; from then on the one that came first makes room.
/// </summary>
/// <remarks>Not thread-safe: the store holds a lock.</remarks>
internal sealed class ExemplarRing(int limit)
{
    private const int FirstSize = 1024;

    private readonly Dictionary<ulong, int> _places = [];
    private ulong[] _keys = [];
    private LatencyExemplar[] _exemplars = [];
    private int _used;
    private int _next;

    public int Count => _used;

    /// <summary>Exemplars that made room for newer ones.</summary>
    public long Evicted { get; private set; }

    /// <summary>Takes an exemplar where it is better than the cell's present one.</summary>
    public bool Offer(ulong key, in LatencyExemplar exemplar)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, key, out var known);
        if (known)
        {
            if (!exemplar.Replaces(_exemplars[place]))
            {
                return false;
            }

            _exemplars[place] = exemplar;
            return true;
        }

        var at = _used;
        if (_used < limit)
        {
            Grow();
            _used++;
        }
        else
        {
            at = _next;
            _next = (_next + 1) % limit;
            Evicted++;
        }

        // Before the removal below, which may move the entry.
        place = at;
        if (_keys[at] != 0)
        {
            _places.Remove(_keys[at]);
        }

        _keys[at] = key;
        _exemplars[at] = exemplar;
        return true;
    }

    /// <summary>The exemplar at a place, 0 to <see cref="Count"/> - 1, and its cell.</summary>
    public ulong At(int place, out LatencyExemplar exemplar)
    {
        exemplar = _exemplars[place];
        return _keys[place];
    }

    private void Grow()
    {
        if (_used == _keys.Length)
        {
            var size = Math.Min(Math.Max(FirstSize, _keys.Length * 2), limit);
            Array.Resize(ref _keys, size);
            Array.Resize(ref _exemplars, size);
        }
    }
}
