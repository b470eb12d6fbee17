using System.Text;

namespace TelemetryPipeline.Heatmap;

/// <summary>
/// One rolling hour of latencies: for every series 60 buckets of 10 ms by 3600 columns of a second. A span is counted
/// in the column of the second it ended in, also when it comes late.
/// </summary>
/// <remarks>
/// Thread-safe. Recording takes a shard for itself (there are more of them than cores) and adds to plain counters; a
/// second's counts move to the compact history when the window turns, or when <see cref="Flush"/> is called. What
/// readers see is the history, so they flush first. <see cref="Advance"/> and <see cref="RetireIdle"/> belong to one
/// thread.
/// </remarks>
public sealed partial class LatencyGrid
{
    /// <summary>Columns of a series: seconds of an hour.</summary>
    public const int ColumnCount = 3600;

    /// <summary>The furthest ahead of this clock that a span may be allowed to end, in seconds.</summary>
    public const int FutureSecondsMax = 60;

    /// <summary>The series that takes the spans of those beyond the budget.</summary>
    public const int OverflowSeries = 0;

    private const int ShardsMax = 64;

    private readonly GridShard[] _shards;
    private readonly List<SeriesHistory> _histories = [];
    private readonly Stack<int> _free = new();
    private readonly SeriesTable _ids = new();
    private readonly Lock _registration = new();
    private readonly long[] _added = new long[GridWriter.OutcomeCount];
    private readonly long[] _versions = new long[SeriesHistory.PlaceCount];
    private readonly long _memoryLimitBytes;
    private SeriesHistory[] _published = [];
    private int _inUse = 1; // the overflow series
    private long _nowSecond;
    private long _oldestSecond;
    private long _tooLateToKeep;
    private long _sizeBytes;
    private long _version;
    private long _seriesVersion;

    /// <summary>An empty grid.</summary>
    /// <param name="memoryLimitBytes">What all series together may take, in bytes; at least one series and a minute are always kept.</param>
    /// <param name="futureSeconds">How far ahead of this clock a span may end, in seconds, 0 to <see cref="FutureSecondsMax"/>.</param>
    /// <param name="exemplars">Takes the spans that stand for their cells; null keeps none.</param>
    public LatencyGrid(long memoryLimitBytes, int futureSeconds = 2, ExemplarStore? exemplars = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(futureSeconds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(futureSeconds, FutureSecondsMax);
        FutureSeconds = futureSeconds;
        Exemplars = exemplars ?? new ExemplarStore(0);
        _shards = new GridShard[Math.Clamp(Environment.ProcessorCount * 2, 4, ShardsMax)];
        var tables = 2 * _shards.Length;
        for (var i = 0; i < _shards.Length; i++)
        {
            _shards[i] = new GridShard(this, Exemplars, ExemplarCandidates.PlaceCountFor(tables));
        }

        _memoryLimitBytes = memoryLimitBytes;
        _sizeBytes = Exemplars.IsEnabled ? ExemplarCandidates.SizeBytes(tables) : 0;
        SeriesMax = (int)Math.Clamp((memoryLimitBytes - _sizeBytes) / SeriesSizeBytesExpected, 2, int.MaxValue);
        AddSeries();
    }

    /// <summary>
    /// What a series takes in an hour, in bytes: its fixed part, its windows, and 3600 columns of 96 bytes (some 30
    /// cells that are not empty, the measures, the mask and the array's header). Where columns turn out larger, the
    /// oldest make room.
    /// </summary>
    public long SeriesSizeBytesExpected => SeriesSizeBytesLeast + (ColumnCount * 96L);

    /// <summary>How far ahead of this clock a span may end, in seconds.</summary>
    public int FutureSeconds { get; }

    /// <summary>Series that fit into the budget, the overflow series included.</summary>
    public int SeriesMax { get; }

    /// <summary>Series in use, the overflow series included.</summary>
    public int SeriesInUse => Volatile.Read(ref _inUse);

    /// <summary>The spans that stand for their cells.</summary>
    public ExemplarStore Exemplars { get; }

    /// <summary>The current second since the Unix epoch, as of the last <see cref="Advance"/>.</summary>
    public long NowSecond => Volatile.Read(ref _nowSecond);

    /// <summary>The oldest second that is kept: an hour ago, or later where columns had to make room.</summary>
    public long OldestSecond => Volatile.Read(ref _oldestSecond);

    /// <summary>Memory of the grid without exemplars, in bytes.</summary>
    public long SizeBytes => Interlocked.Read(ref _sizeBytes);

    /// <summary>Numbers of series ever given out, the overflow series included; <see cref="KeyOf"/> says which are in use.</summary>
    public int SeriesCount => Volatile.Read(ref _published).Length;

    private long SeriesSizeBytesLeast => SeriesHistory.FixedSizeBytes + (_shards.Length * GridShard.WindowSizeBytes);

    /// <summary>The number of a series, made on first sight; the overflow series when the budget is spent.</summary>
    /// <param name="key">The series' dimensions as a text of the caller's form.</param>
    public int Series(string key) => Series(Encoding.UTF8.GetBytes(key));

    /// <summary>The number of a series, made on first sight; the overflow series when the budget is spent.</summary>
    /// <remarks>A number taken while a <see cref="GridWriter"/> is held stays this series' at least as long as that.</remarks>
    /// <param name="key">The series' dimensions in the caller's form.</param>
    public int Series(ReadOnlySpan<byte> key)
    {
        var series = _ids.Find(key);
        return series >= 0 ? series : Volatile.Read(ref _inUse) >= SeriesMax ? OverflowSeries : NewSeries(key);
    }

    /// <summary>The dimensions of a series, as they were given; null for the overflow series and for a number that is not in use.</summary>
    /// <param name="series">The series.</param>
    public byte[]? KeyOf(int series)
    {
        lock (_registration)
        {
            return _ids.KeyOf(series);
        }
    }

    /// <summary>Moves the clock, frees what has left the hour, and makes room where the budget is exceeded.</summary>
    /// <param name="nowSecond">Seconds since the Unix epoch; never goes back.</param>
    public void Advance(long nowSecond)
    {
        if (nowSecond > NowSecond)
        {
            Volatile.Write(ref _nowSecond, nowSecond);
            var hourAgo = nowSecond - ColumnCount + 1;
            Volatile.Write(ref _oldestSecond, Math.Max(OldestSecond, hourAgo));
            foreach (var history in Volatile.Read(ref _published))
            {
                history.Expire(nowSecond);
            }
        }

        MakeRoom();
    }

    /// <summary>A shard for the caller alone, for as many spans as it has at hand. Dispose of it soon.</summary>
    public GridWriter Write()
    {
        var at = (uint)Thread.GetCurrentProcessorId();
        var wait = default(SpinWait);
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

    /// <summary>Counts many values of one second at once, such as a histogram's.</summary>
    /// <param name="series">The series.</param>
    /// <param name="second">Seconds since the Unix epoch.</param>
    /// <param name="counts">The values.</param>
    /// <returns>What became of them; refusals are counted, each value for itself.</returns>
    public GridOutcome Add(int series, long second, DenseColumn counts)
    {
        var outcome = Place(second);
        Interlocked.Add(ref _added[(int)outcome], (long)counts.Total);
        if (outcome == GridOutcome.Counted)
        {
            Keep(series, second, counts);
        }

        return outcome;
    }

    /// <summary>Moves everything recorded before the call to the history.</summary>
    public void Flush()
    {
        foreach (var shard in _shards)
        {
            var wait = default(SpinWait);
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

    /// <summary>Frees the numbers of series that have not had a span for an hour, so that new series find room.</summary>
    public void RetireIdle()
    {
        var idle = new List<(int Series, byte[] Key)>();
        lock (_registration)
        {
            for (var series = OverflowSeries + 1; series < _histories.Count; series++)
            {
                if (_histories[series].IsEmpty && _ids.KeyOf(series) is { } key)
                {
                    idle.Add((series, key));
                    _ids.Remove(series);
                    Interlocked.Increment(ref _seriesVersion);
                }
            }
        }

        if (idle.Count == 0)
        {
            return;
        }

        // Writers that looked a number up before it was taken away hold a shard, so this waits for them.
        Flush();
        lock (_registration)
        {
            foreach (var (series, key) in idle)
            {
                if (_histories[series].IsEmpty)
                {
                    _free.Push(series);
                    Volatile.Write(ref _inUse, _inUse - 1);
                }
                else if (_ids.Find(key) < 0)
                {
                    _ids.Add(key, series);
                }
            }
        }
    }

    /// <summary>What becomes of a value that ended in a second.</summary>
    internal GridOutcome Place(long second) =>
        second > NowSecond + FutureSeconds ? GridOutcome.Future
        : second < OldestSecond ? GridOutcome.TooOld
        : GridOutcome.Counted;

    /// <summary>Adds counts to the history; the second may have left it since they were counted.</summary>
    internal void Keep(int series, long second, DenseColumn counts)
    {
        if (second < OldestSecond)
        {
            Interlocked.Add(ref _tooLateToKeep, (long)counts.Total);
            return;
        }

        History(series).Add(second, counts);
    }

    internal SeriesHistory History(int series) => Volatile.Read(ref _published)[series];

    private int NewSeries(ReadOnlySpan<byte> key)
    {
        lock (_registration)
        {
            var series = _ids.Find(key);
            if (series >= 0)
            {
                return series;
            }

            if (_inUse >= SeriesMax)
            {
                return OverflowSeries;
            }

            if (!_free.TryPop(out series))
            {
                series = AddSeries();
            }

            Volatile.Write(ref _inUse, _inUse + 1);
            _ids.Add(key, series);
            Interlocked.Increment(ref _seriesVersion);
            return series;
        }
    }

    private int AddSeries()
    {
        _histories.Add(new SeriesHistory(bytes => Interlocked.Add(ref _sizeBytes, bytes), Touch));
        Interlocked.Add(ref _sizeBytes, _shards.Length * GridShard.WindowSizeBytes);
        Volatile.Write(ref _published, [.. _histories]);
        return _histories.Count - 1;
    }

    // The oldest columns of all series together, so that what is left of the hour is whole.
    private void MakeRoom()
    {
        var oldest = OldestSecond;
        while (SizeBytes > _memoryLimitBytes && oldest < NowSecond - SecondsAlwaysKept)
        {
            Volatile.Write(ref _oldestSecond, oldest + 1);
            foreach (var history in Volatile.Read(ref _published))
            {
                history.Evict(oldest);
            }

            oldest++;
        }
    }
}
