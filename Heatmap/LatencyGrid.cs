using System.Collections.Concurrent;

namespace TelemetryPipeline.Heatmap;

/// <summary>
/// One rolling hour of latencies: for every series 60 buckets of 10 ms by 3600 columns of a second. A span is counted
/// in the column of the second it ended in, also when it comes late.
/// </summary>
/// <remarks>
/// Thread-safe. Recording takes a shard for itself (there are more of them than cores) and adds to plain counters; a
/// second's counts move to the compact history when the window turns, or when <see cref="Flush"/> is called. What
/// readers see is the history, so they flush first.
/// </remarks>
public sealed class LatencyGrid
{
    /// <summary>Columns of a series: seconds of an hour.</summary>
    public const int ColumnCount = 3600;

    /// <summary>The furthest ahead of this clock that a span may be allowed to end, in seconds.</summary>
    public const int FutureSecondsMax = 60;

    /// <summary>The series that takes the spans of those beyond the budget.</summary>
    public const int OverflowSeries = 0;

    private readonly GridShard[] _shards;
    private readonly List<SeriesHistory> _histories = [];
    private readonly ConcurrentDictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Lock _registration = new();
    private readonly int _seriesMax;
    private SeriesHistory[] _published = [];
    private long _nowSecond;
    private long _sizeBytes;

    /// <summary>An empty grid.</summary>
    /// <param name="memoryLimitBytes">What all series together may take, in bytes; at least one series is always kept.</param>
    /// <param name="futureSeconds">How far ahead of this clock a span may end, in seconds, 0 to <see cref="FutureSecondsMax"/>.</param>
    public LatencyGrid(long memoryLimitBytes, int futureSeconds = 2)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(futureSeconds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(futureSeconds, FutureSecondsMax);
        FutureSeconds = futureSeconds;
        _seriesMax = (int)Math.Clamp(memoryLimitBytes / SeriesSizeBytesExpected, 2, int.MaxValue);
        _shards = new GridShard[Math.Max(4, Environment.ProcessorCount * 2)];
        for (var i = 0; i < _shards.Length; i++)
        {
            _shards[i] = new GridShard(this);
        }

        AddSeries();
    }

    /// <summary>
    /// What a busy series takes in an hour, in bytes: its fixed part and 3600 columns of 150 bytes (60 cells of two
    /// bytes each, which holds 16 383 spans a cell and second, the mask and the array's header).
    /// </summary>
    public static long SeriesSizeBytesExpected => SeriesHistory.FixedSizeBytes + (ColumnCount * 176L);

    /// <summary>How far ahead of this clock a span may end, in seconds.</summary>
    public int FutureSeconds { get; }

    /// <summary>The current second since the Unix epoch, as of the last <see cref="Advance"/>.</summary>
    public long NowSecond => Volatile.Read(ref _nowSecond);

    /// <summary>Memory of the history, in bytes.</summary>
    public long SizeBytes => Interlocked.Read(ref _sizeBytes);

    /// <summary>Series known, the overflow series included.</summary>
    public int SeriesCount => Volatile.Read(ref _published).Length;

    /// <summary>The number of a series, made on first sight; the overflow series when the budget is spent.</summary>
    /// <param name="key">The series' dimensions as a text of the caller's form.</param>
    public int Series(string key)
    {
        if (_ids.TryGetValue(key, out var id))
        {
            return id;
        }

        lock (_registration)
        {
            if (_ids.TryGetValue(key, out id))
            {
                return id;
            }

            if (_histories.Count >= _seriesMax)
            {
                return OverflowSeries;
            }

            return _ids[key] = AddSeries();
        }
    }

    /// <summary>Moves the clock and frees what has left the hour.</summary>
    /// <param name="nowSecond">Seconds since the Unix epoch; never goes back.</param>
    public void Advance(long nowSecond)
    {
        if (nowSecond <= NowSecond)
        {
            return;
        }

        Volatile.Write(ref _nowSecond, nowSecond);
        foreach (var history in Volatile.Read(ref _published))
        {
            history.Expire(nowSecond);
        }
    }

    /// <summary>A shard for the caller alone, for as many spans as it has at hand. Dispose of it soon.</summary>
    public GridWriter Write()
    {
        var at = (uint)Thread.GetCurrentProcessorId();
        var wait = new SpinWait();
        while (true)
        {
            for (var tried = 0; tried < _shards.Length; tried++)
            {
                var shard = _shards[(at + (uint)tried) % (uint)_shards.Length];
                if (shard.TryOwn())
                {
                    return new GridWriter(shard);
                }
            }

            wait.SpinOnce();
        }
    }

    /// <summary>Moves everything recorded before the call to the history.</summary>
    public void Flush()
    {
        foreach (var shard in _shards)
        {
            var wait = new SpinWait();
            while (!shard.TryOwn())
            {
                wait.SpinOnce();
            }

            try
            {
                shard.Flush();
            }
            finally
            {
                shard.Disown();
            }
        }
    }

    /// <summary>Adds the counts of a series and second to a column.</summary>
    /// <param name="series">The series.</param>
    /// <param name="second">Seconds since the Unix epoch.</param>
    /// <param name="into">Takes the counts.</param>
    /// <returns>Whether there are any.</returns>
    public bool Read(int series, long second, DenseColumn into) => History(series).Read(second, into);

    /// <summary>Takes what has changed in a series since the last call: the counts added, by second.</summary>
    /// <param name="series">The series.</param>
    public IReadOnlyList<KeyValuePair<long, DenseColumn>> TakeChanges(int series) => History(series).TakeChanges();

    /// <summary>Spans offered that had an outcome, since the start.</summary>
    /// <param name="outcome">The outcome.</param>
    public long CountOf(GridOutcome outcome)
    {
        var total = 0L;
        foreach (var shard in _shards)
        {
            total += Volatile.Read(ref shard.Outcomes[(int)outcome]);
        }

        return total;
    }

    /// <summary>Spans counted whose second has left the hour since.</summary>
    public long ExpiredCount()
    {
        var total = 0L;
        foreach (var history in Volatile.Read(ref _published))
        {
            total += history.Expired;
        }

        return total;
    }

    internal SeriesHistory History(int series) => Volatile.Read(ref _published)[series];

    private int AddSeries()
    {
        _histories.Add(new SeriesHistory(bytes => Interlocked.Add(ref _sizeBytes, bytes)));
        Volatile.Write(ref _published, [.. _histories]);
        return _histories.Count - 1;
    }
}
