using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Baselines;

/// <summary>
/// What latencies have usually been: quantiles by service, node type and span kind over the last five minutes without the
/// newest seconds, so that what is slow now does not count as usual yet.
/// </summary>
/// <remarks>
/// Any thread may look up series and quantiles; counts come from the shards, and <see cref="EndSlice"/> belongs to one
/// thread. Memory is bounded by the number of series; spans of further series have no baseline.
/// </remarks>
internal sealed class LatencyHistory
{
    /// <summary>Series that are followed.</summary>
    public const int SeriesMax = 512;

    /// <summary>Length of a slice in milliseconds: the newest one that is over is left out.</summary>
    public const long SliceMs = 5000;

    private const int SliceCount = 60;
    private const int QuantileCount = 4;
    private const int PlacesPerSeries = 4;
    private const long Free = 0;

    private static readonly double[] Quantiles = [0.5, 0.9, 0.95, 0.99];

    private readonly Lock _adding = new();
    private readonly long[] _keys = new long[SeriesMax * PlacesPerSeries];
    private readonly int[] _numbers = new int[SeriesMax * PlacesPerSeries];
    private readonly long[] _quantilesNs = new long[SeriesMax * QuantileCount];
    private readonly uint[]?[] _slices = new uint[]?[SliceCount * SeriesMax]; // by slice, then series
    private readonly long[][] _newest = NewCounts();
    private readonly long[][] _waiting = NewCounts();
    private readonly long[][] _totals = NewCounts();
    private readonly long _spansLeast;
    private int _at;
    private int _count;

    /// <summary>A history of nothing.</summary>
    /// <param name="spansLeast">A series with fewer spans has no baseline.</param>
    public LatencyHistory(long spansLeast) => _spansLeast = spansLeast;

    /// <summary>Series that are followed now.</summary>
    public int SeriesCount => Volatile.Read(ref _count);

    /// <summary>The counts of the slice that is running, for shards to add to.</summary>
    public long[][] Newest => _newest;

    /// <summary>The number of a series; -1 when there are too many.</summary>
    /// <param name="service">Number of the service.</param>
    /// <param name="nodeType">Number of the node type.</param>
    /// <param name="kind">The span's kind.</param>
    public int SeriesOf(ushort service, ushort nodeType, SpanKind kind)
    {
        var key = ((long)service << 24) | ((long)nodeType << 8) | (long)(byte)kind | (1L << 48);
        var mask = _keys.Length - 1;
        for (var at = Place(key); ; at = (at + 1) & mask)
        {
            var found = Volatile.Read(ref _keys[at]);
            if (found == key)
            {
                return _numbers[at];
            }

            if (found == Free)
            {
                return Volatile.Read(ref _count) == SeriesMax ? -1 : Add(key);
            }
        }
    }

    /// <summary>A quantile of a series.</summary>
    /// <param name="series">Its number.</param>
    /// <param name="quantile">Which.</param>
    /// <returns>Nanoseconds; 0 when too little is known.</returns>
    public long QuantileNs(int series, Quantile quantile) =>
        series < 0 ? 0 : Volatile.Read(ref _quantilesNs[(series * QuantileCount) + (int)quantile]);

    /// <summary>Ends the running slice: the one before it becomes part of the baseline, and the oldest leaves it.</summary>
    public void EndSlice()
    {
        var oldest = _slices.AsSpan(_at * SeriesMax, SeriesMax);
        _at = (_at + 1) % SliceCount;
        for (var series = 0; series < SeriesCount; series++)
        {
            Exchange(series, ref oldest[series]);
            var total = 0L;
            foreach (var count in _totals[series])
            {
                total += count;
            }

            for (var i = 0; i < QuantileCount; i++)
            {
                Volatile.Write(
                    ref _quantilesNs[(series * QuantileCount) + i],
                    total < _spansLeast || total == 0 ? 0 : Math.Max(LatencyScale.QuantileNs(_totals[series], total, Quantiles[i]), 1));
            }
        }
    }

    private static long[][] NewCounts() => new long[SeriesMax][];

    private static int Place(long key) => (int)(((ulong)key * 0x9E37_79B9_7F4A_7C15) >> 40) & ((SeriesMax * PlacesPerSeries) - 1);

    private void Exchange(int series, ref uint[]? slice)
    {
        slice ??= new uint[LatencyScale.BucketCount];
        var (totals, waiting, newest) = (_totals[series], _waiting[series], _newest[series]);
        for (var bucket = 0; bucket < totals.Length; bucket++)
        {
            totals[bucket] += waiting[bucket] - slice[bucket];
            slice[bucket] = (uint)Math.Min(waiting[bucket], uint.MaxValue);
            waiting[bucket] = newest[bucket];
            newest[bucket] = 0;
        }
    }

    private int Add(long key)
    {
        lock (_adding)
        {
            var mask = _keys.Length - 1;
            var at = Place(key);
            while (_keys[at] != Free)
            {
                if (_keys[at] == key)
                {
                    return _numbers[at];
                }

                at = (at + 1) & mask;
            }

            if (_count == SeriesMax)
            {
                return -1;
            }

            var series = _count;
            _newest[series] = new long[LatencyScale.BucketCount];
            _waiting[series] = new long[LatencyScale.BucketCount];
            _totals[series] = new long[LatencyScale.BucketCount];
            _numbers[at] = series;
            Volatile.Write(ref _keys[at], key);
            Volatile.Write(ref _count, series + 1);
            return series;
        }
    }
}
