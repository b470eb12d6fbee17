namespace TelemetryPipeline.Heatmap;

/// <content>What readers ask of the grid.</content>
public sealed partial class LatencyGrid
{
    /// <summary>The newest seconds, which no shortage of memory takes.</summary>
    private const int SecondsAlwaysKept = 60;

    /// <summary>A number that grows with every change of a column.</summary>
    public long Version => Interlocked.Read(ref _version);

    /// <summary>A number that grows when series come and go.</summary>
    public long SeriesVersion => Interlocked.Read(ref _seriesVersion);

    /// <summary>The <see cref="Version"/> of a second's last change in any series; whoever reads it before the columns never takes old ones for new.</summary>
    /// <param name="second">Seconds since the Unix epoch.</param>
    public long VersionOf(long second) => Interlocked.Read(ref _versions[second % SeriesHistory.PlaceCount]);

    /// <summary>Adds the counts of a series and second to a column.</summary>
    /// <param name="series">The series.</param>
    /// <param name="second">Seconds since the Unix epoch.</param>
    /// <param name="into">Takes the counts.</param>
    /// <returns>Whether there are any.</returns>
    public bool Read(int series, long second, DenseColumn into) => History(series).Read(second, into);

    /// <summary>The column of a series and second in its compact form; null where there is none.</summary>
    internal byte[]? ReadEncoded(int series, long second) => History(series).ReadEncoded(second);

    /// <summary>Adds counts of before a restart: they are cells, but neither counted nor changes.</summary>
    internal void Restore(int series, long second, DenseColumn counts)
    {
        if (Place(second) == GridOutcome.Counted)
        {
            History(series).Restore(second, counts);
        }
    }

    /// <summary>Takes what has changed in a series since the last call: the counts added, by second.</summary>
    /// <param name="series">The series.</param>
    /// <param name="beforeSecond">Changes of this second and later ones are left for another call.</param>
    /// <param name="limit">The most changes to take; the others are left for another call.</param>
    public IReadOnlyList<KeyValuePair<long, DenseColumn>> TakeChanges(
        int series, long beforeSecond = long.MaxValue, int limit = int.MaxValue) => History(series).TakeChanges(beforeSecond, limit);

    /// <summary>Spans counted whose change nobody took before their second left the grid.</summary>
    public long UntakenCount()
    {
        var total = 0L;
        foreach (var history in Volatile.Read(ref _published))
        {
            total += history.Untaken;
        }

        return total;
    }

    /// <summary>Spans offered that had an outcome, since the start.</summary>
    /// <param name="outcome">The outcome.</param>
    public long CountOf(GridOutcome outcome)
    {
        var total = Interlocked.Read(ref _added[(int)outcome]);
        foreach (var shard in _shards)
        {
            total += Volatile.Read(ref shard.Outcomes[(int)outcome]);
        }

        return total;
    }

    /// <summary>Spans counted whose second has left the hour since.</summary>
    public long ExpiredCount()
    {
        var total = Interlocked.Read(ref _tooLateToKeep);
        foreach (var history in Volatile.Read(ref _published))
        {
            total += history.Expired;
        }

        return total;
    }

    /// <summary>Spans counted whose second had to make room within the hour.</summary>
    public long EvictedCount()
    {
        var total = 0L;
        foreach (var history in Volatile.Read(ref _published))
        {
            total += history.Evicted;
        }

        return total;
    }

    private void Touch(long second) =>
        Interlocked.Exchange(ref _versions[second % SeriesHistory.PlaceCount], Interlocked.Increment(ref _version));
}
