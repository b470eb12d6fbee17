using System.Linq;
using TelemetryPipeline.Attribution.Baselines;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Tests.Attribution.Baselines;

public sealed class LatencyHistoryTests
{
    private const int SlicesKept = 60;

    private readonly LatencyHistory _history = new(spansLeast: 100);
    private readonly LatencyCounts _shard = new();

    [Fact]
    public void QuantileNs_RandomLatencies_IsWithinABucketOfTheSortedOnes()
    {
        var random = new Random(7);
        var latencies = Enumerable.Range(0, 20_000).Select(_ => (long)(Math.Exp(random.NextDouble() * 12) * 10_000)).ToArray();
        var series = Record(latencies);
        EndSlices(2);

        Array.Sort(latencies);
        foreach (var (quantile, part) in (ReadOnlySpan<(Quantile, double)>)[(Quantile.P50, 0.5), (Quantile.P90, 0.9), (Quantile.P95, 0.95), (Quantile.P99, 0.99)])
        {
            double expected = latencies[(int)(part * latencies.Length)];
            Assert.InRange(_history.QuantileNs(series, quantile), expected / 1.13, expected * 1.13);
        }
    }

    [Fact]
    public void QuantileNs_NewestSlice_DoesNotCountYet()
    {
        var series = Record(Enumerable.Repeat(1_000_000L, 200));
        EndSlices(1);
        Assert.Equal(0, _history.QuantileNs(series, Quantile.P99));
        Record(Enumerable.Repeat(900_000_000L, 200));
        EndSlices(1);
        Assert.InRange(_history.QuantileNs(series, Quantile.P99), 900_000, 1_100_000);
    }

    [Fact]
    public void QuantileNs_FewSpans_IsUnknown()
    {
        var series = Record(Enumerable.Repeat(1_000_000L, 99));
        EndSlices(2);
        Assert.Equal(0, _history.QuantileNs(series, Quantile.P50));
    }

    [Fact]
    public void EndSlice_AfterFiveMinutes_ForgetsWhatWas()
    {
        var series = Record(Enumerable.Repeat(1_000_000L, 200));
        EndSlices(SlicesKept + 1);
        Assert.NotEqual(0, _history.QuantileNs(series, Quantile.P50));
        EndSlices(1);
        Assert.Equal(0, _history.QuantileNs(series, Quantile.P50));
    }

    [Fact]
    public void SeriesOf_MoreThanAreFollowed_HaveNoBaseline()
    {
        var numbers = Enumerable.Range(0, LatencyHistory.SeriesMax + 10).Select(n => _history.SeriesOf((ushort)n, 1, SpanKind.Server)).ToList();
        Assert.Equal(LatencyHistory.SeriesMax, numbers.Where(n => n >= 0).Distinct().Count());
        Assert.All(numbers.TakeLast(10), n => Assert.Equal(-1, n));
        Assert.Equal(numbers[3], _history.SeriesOf(3, 1, SpanKind.Server));
    }

    [Fact]
    public void BucketOf_EveryBound_BeginsItsBucket()
    {
        for (var bucket = 1; bucket < 240; bucket++)
        {
            Assert.Equal(bucket, LatencyScale.BucketOf(LatencyScale.LowerBoundNs(bucket)));
            Assert.Equal(bucket - 1, LatencyScale.BucketOf(LatencyScale.LowerBoundNs(bucket) - 1));
        }
    }

    private int Record(IEnumerable<long> latencies)
    {
        var series = _history.SeriesOf(5, 6, SpanKind.Server);
        foreach (var latency in latencies)
        {
            _shard.Record(series, latency);
        }

        return series;
    }

    private void EndSlices(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _shard.MoveTo(_history.Newest);
            _history.EndSlice();
        }
    }
}
