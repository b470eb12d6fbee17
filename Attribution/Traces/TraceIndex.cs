using System.Numerics;

namespace TelemetryPipeline.Attribution.Traces;

/// <summary>Finds traces by id: a hash table whose lists lead through the records themselves. Not thread-safe.</summary>
/// <param name="traces">The records.</param>
internal sealed class TraceIndex(PagedSlab<TraceEntry> traces)
{
    /// <summary>The index that stands for no trace.</summary>
    public const int None = PagedSlab<TraceEntry>.None;

    private const int PlacesLeast = 64;

    private int[] _heads = Filled(PlacesLeast);
    private int _count;

    /// <summary>Mixes a trace id. Its lowest bits choose the shard, the ones above them the place.</summary>
    /// <param name="high">First 8 bytes.</param>
    /// <param name="low">Last 8 bytes.</param>
    public static ulong Hash(ulong high, ulong low)
    {
        var mixed = (high ^ BitOperations.RotateLeft(low, 32)) * 0x9E37_79B9_7F4A_7C15;
        mixed = (mixed ^ (mixed >> 29) ^ low) * 0xBF58_476D_1CE4_E5B9;
        return mixed ^ (mixed >> 32);
    }

    /// <summary>The trace with an id, or -1.</summary>
    public int Find(ulong high, ulong low)
    {
        var trace = _heads[Place(high, low, _heads.Length)];
        while (trace != None)
        {
            ref var entry = ref traces[trace];
            if (entry.IdLow == low && entry.IdHigh == high)
            {
                return trace;
            }

            trace = entry.NextInPlace;
        }

        return None;
    }

    /// <summary>Adds a trace whose id is set and not in the table.</summary>
    /// <param name="trace">The trace.</param>
    public void Add(int trace)
    {
        if (_count == _heads.Length)
        {
            Grow();
        }

        _count++;
        Link(_heads, trace);
    }

    /// <summary>Removes a trace that is in the table.</summary>
    /// <param name="trace">The trace.</param>
    public void Remove(int trace)
    {
        ref var entry = ref traces[trace];
        ref var link = ref _heads[Place(entry.IdHigh, entry.IdLow, _heads.Length)];
        while (link != trace)
        {
            link = ref traces[link].NextInPlace;
        }

        link = entry.NextInPlace;
        _count--;
    }

    private static int Place(ulong high, ulong low, int places) => (int)((Hash(high, low) >> 16) & (ulong)(places - 1));

    private static int[] Filled(int places)
    {
        var heads = new int[places];
        Array.Fill(heads, None);
        return heads;
    }

    private void Link(int[] heads, int trace)
    {
        ref var entry = ref traces[trace];
        ref var head = ref heads[Place(entry.IdHigh, entry.IdLow, heads.Length)];
        entry.NextInPlace = head;
        head = trace;
    }

    private void Grow()
    {
        var heads = Filled(_heads.Length * 2);
        foreach (var head in _heads)
        {
            for (var trace = head; trace != None;)
            {
                var next = traces[trace].NextInPlace;
                Link(heads, trace);
                trace = next;
            }
        }

        _heads = heads;
    }
}
