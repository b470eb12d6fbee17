using System.Runtime.CompilerServices;

namespace TelemetryPipeline.Heatmap;

/// <summary>
/// For every cell the newest failing and the slowest span, within a budget of memory. Failing ones have a ring of their
/// own, so that ordinary traffic cannot push them out.
/// </summary>
/// <remarks>Thread-safe. Shards hand their candidates over when they are flushed, not for each span.</remarks>
public sealed class ExemplarStore
{
    // A dictionary's entry of a 64-bit key and a 32-bit value with its bucket, and the key beside the exemplar.
    private const long IndexSizeBytes = 24 + 4 + sizeof(ulong);
    private const int ChangesMax = 4096;

    private readonly Lock _lock = new();
    private readonly ExemplarRing _slowest;
    private readonly ExemplarRing _failing;
    private readonly Dictionary<(ulong Key, bool IsFailing), LatencyExemplar> _changes = [];

    /// <summary>An empty store.</summary>
    /// <param name="memoryLimitBytes">What all exemplars together may take, in bytes; 0 keeps none.</param>
    public ExemplarStore(long memoryLimitBytes)
    {
        var each = (int)Math.Min(memoryLimitBytes / (ExemplarSizeBytes + IndexSizeBytes) / 2, int.MaxValue / 2);
        IsEnabled = each > 0;
        _slowest = new ExemplarRing(each);
        _failing = new ExemplarRing(each);
    }

    /// <summary>Whether any exemplars are kept.</summary>
    public bool IsEnabled { get; }

    /// <summary>Exemplars kept.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _slowest.Count + _failing.Count;
            }
        }
    }

    /// <summary>Exemplars that made room for newer ones, since the start.</summary>
    public long EvictedCount
    {
        get
        {
            lock (_lock)
            {
                return _slowest.Evicted + _failing.Evicted;
            }
        }
    }

    /// <summary>Memory of the exemplars, in bytes.</summary>
    public long SizeBytes => Count * (ExemplarSizeBytes + IndexSizeBytes);

    internal static long ExemplarSizeBytes => Unsafe.SizeOf<LatencyExemplar>();

    /// <summary>Every exemplar that a filter takes, in no order.</summary>
    /// <param name="filter">Gets series and exemplar; must be quick.</param>
    /// <param name="into">Takes them.</param>
    public void Read(Func<int, LatencyExemplar, bool> filter, ICollection<(int Series, LatencyExemplar Exemplar)> into)
    {
        lock (_lock)
        {
            ReadRing(_failing, filter, into);
            ReadRing(_slowest, filter, into);
        }
    }

    /// <summary>Takes the exemplars that are new since the last call, at most a few thousand.</summary>
    /// <param name="beforeSecond">Those of this second and later ones are left for another call.</param>
    public IReadOnlyList<(int Series, LatencyExemplar Exemplar)> TakeChanges(long beforeSecond = long.MaxValue)
    {
        lock (_lock)
        {
            var changes = new List<(int, LatencyExemplar)>(_changes.Count);
            foreach (var (cell, exemplar) in _changes)
            {
                if (exemplar.Second < beforeSecond)
                {
                    changes.Add((ExemplarKey.SeriesOf(cell.Key), exemplar));
                    _changes.Remove(cell);
                }
            }

            return changes;
        }
    }

    internal void Offer(ulong key, in LatencyExemplar exemplar)
    {
        lock (_lock)
        {
            if (Ring(exemplar).Offer(key, exemplar) && (_changes.Count < ChangesMax || _changes.ContainsKey((key, exemplar.IsFailing))))
            {
                _changes[(key, exemplar.IsFailing)] = exemplar;
            }
        }
    }

    internal void Restore(int series, in LatencyExemplar exemplar)
    {
        lock (_lock)
        {
            Ring(exemplar).Offer(ExemplarKey.Of(series, exemplar), exemplar);
        }
    }

    private static void ReadRing(
        ExemplarRing ring, Func<int, LatencyExemplar, bool> filter, ICollection<(int Series, LatencyExemplar Exemplar)> into)
    {
        for (var i = 0; i < ring.Count; i++)
        {
            var series = ExemplarKey.SeriesOf(ring.At(i, out var exemplar));
            if (filter(series, exemplar))
            {
                into.Add((series, exemplar));
            }
        }
    }

    private ExemplarRing Ring(in LatencyExemplar exemplar) => exemplar.IsFailing ? _failing : _slowest;
}
