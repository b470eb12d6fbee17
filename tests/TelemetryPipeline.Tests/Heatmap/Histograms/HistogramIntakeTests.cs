using System.Linq;
using CsCheck;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using TelemetryPipeline.Heatmap;
using static TelemetryPipeline.Tests.Heatmap.HeatmapHarness;
using Buckets = OpenTelemetry.Proto.Metrics.V1.ExponentialHistogramDataPoint.Types.Buckets;

namespace TelemetryPipeline.Tests.Heatmap.Histograms;

public sealed class HistogramIntakeTests
{
    private const ulong NowNs = Now * 1_000_000_000UL;
    private static readonly double[] Quantiles = [0.5, 0.9, 0.95, 0.99];

    private static readonly Gen<double[]> AnyBounds =
        Gen.Double[0.0005, 3].Array[0, 12].Select(bounds => bounds.Distinct().Order().ToArray());

    [Fact]
    public void Explicit_AnyLatencies_KeepTheirTotalAndTheirQuantilesWithinABucket() =>
        Gen.Select(AnyBounds, Gen.Double[0, 4].Array[1, 300], Gen.Bool).Sample(
            (bounds, seconds, withExtremes) =>
            {
                var point = Explicit(bounds, seconds, withExtremes);
                var column = Resampled(AggregationTemporality.Delta, point);

                Assert.Equal((ulong)seconds.Length, column.Total);
                Array.Sort(seconds);
                AssertQuantiles(seconds, column, value =>
                {
                    var bucket = Array.FindIndex(bounds, b => value <= b);
                    bucket = bucket < 0 ? bounds.Length : bucket;
                    var high = bucket < bounds.Length ? bounds[bucket] : withExtremes ? seconds[^1] : Math.Max(bounds.LastOrDefault(), value);
                    return (bucket == 0 ? 0 : bounds[bucket - 1], high);
                });
            },
            iter: 300);

    [Fact]
    public void Exponential_AnyLatencies_KeepTheirTotalAndTheirQuantilesWithinABucket() =>
        Gen.Select(Gen.Int[-2, 8], Gen.Double[0.0001, 4].Array[1, 300]).Sample(
            (scale, seconds) =>
            {
                var column = ResampledExponential(Exponential(scale, seconds));

                Assert.Equal((ulong)seconds.Length, column.Total);
                Array.Sort(seconds);
                var step = Math.Pow(2, -scale);
                AssertQuantiles(seconds, column, value =>
                {
                    var index = IndexOf(value, step);
                    return (Math.Pow(2, index * step), Math.Pow(2, (index + 1) * step));
                });
            },
            iter: 300);

    [Fact]
    public async Task Cumulative_PointAfterPoint_CountsTheDifferences()
    {
        var heatmap = new HeatmapHarness();
        await heatmap.Connector.StartAsync(CancellationToken.None);
        await heatmap.SendAsync(Cumulative(NowNs - 5, NowNs, 2, 0));
        await heatmap.SendAsync(Cumulative(NowNs - 5, NowNs + 1, 5, 1));
        Assert.Equal(1, heatmap.Metric("refused_points", "first_of_stream"));
        Assert.Equal(4, heatmap.Metric("counted_values"));

        // a new start after the last point: everything in it is new
        await heatmap.SendAsync(Cumulative(NowNs + 2, NowNs + 3, 7, 0));
        Assert.Equal(11, heatmap.Metric("counted_values"));

        // the same start and fewer: begun anew as well
        await heatmap.SendAsync(Cumulative(NowNs + 2, NowNs + 4, 1, 0));
        Assert.Equal(12, heatmap.Metric("counted_values"));

        await heatmap.SendAsync(Cumulative(NowNs + 2, NowNs + 4, 9, 0));
        Assert.Equal(1, heatmap.Metric("refused_points", "out_of_order"));
        await heatmap.Connector.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Cumulative_AStreamThatBeginsUnderOurEyes_CountsFromItsFirstPoint()
    {
        var heatmap = new HeatmapHarness();
        await heatmap.Connector.StartAsync(CancellationToken.None);
        await heatmap.SendAsync(Cumulative(NowNs, NowNs + 1, 3, 1));
        await heatmap.Connector.StopAsync(CancellationToken.None);

        Assert.Equal(4, heatmap.Metric("counted_values"));
    }

    [Fact]
    public void CumulativeExponential_LosingResolution_CountsExactlyTheNewValues() =>
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, 4], Gen.Double[0.001, 2].Array[1, 80], Gen.Double[0.001, 2].Array[0, 80]).Sample(
            (scale, loss, former, added) =>
            {
                var heatmap = new HeatmapHarness();
                var first = Exponential(scale, former);
                var second = Exponential(scale - loss, [.. former, .. added]);
                (first.StartTimeUnixNano, first.TimeUnixNano) = (5, NowNs);
                (second.StartTimeUnixNano, second.TimeUnixNano) = (5, NowNs + 1);
                heatmap.Connector.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
                heatmap.SendAsync(Request(Metric(first, AggregationTemporality.Cumulative))).GetAwaiter().GetResult();
                heatmap.SendAsync(Request(Metric(second, AggregationTemporality.Cumulative))).GetAwaiter().GetResult();
                heatmap.Connector.StopAsync(CancellationToken.None).GetAwaiter().GetResult();

                Assert.Equal(added.Length, heatmap.Metric("counted_values"));
            },
            iter: 100);

    [Fact]
    public async Task Frame_TakenInByAnotherHeatmap_IsTheSameColumn()
    {
        var first = new HeatmapHarness();
        await first.SendAsync(HeatmapHarness.Request("risk-engine", Transfer(0, 12), Transfer(0, 15), Transfer(0, 700)));
        await first.PassAsync(1);

        var second = new HeatmapHarness("{histograms: [latency.heatmap]}");
        await second.PassAsync(1);
        await second.SendAsync(first.Frames[0]);
        await second.PassAsync(1);

        Assert.Equal(first.Points.Single().BucketCounts, second.Points.Single().BucketCounts);
        Assert.Equal(first.Points.Single().StartTimeUnixNano, second.Points.Single().StartTimeUnixNano);
        Assert.Equal(first.Points.Single().Attributes, second.Points.Single().Attributes);
        Assert.Equal(first.Points.Single().Sum, second.Points.Single().Sum, 6);
    }

    [Fact]
    public async Task Points_ThatCannotBeCounted_AreRefusedByReason()
    {
        var heatmap = new HeatmapHarness();
        var point = Explicit([0.01], [0.005], withExtremes: false);
        await RefusedAsync(heatmap, "malformed", p => p.Count = 5);
        await RefusedAsync(heatmap, "malformed", p => p.ExplicitBounds.Add(0.001));
        await RefusedAsync(heatmap, "implausible", p => p.Count = ulong.MaxValue);
        await RefusedAsync(heatmap, "negative", p => p.ExplicitBounds[0] = -1);
        await RefusedAsync(heatmap, "outside_the_hour", p => p.TimeUnixNano = NowNs - 3_700_000_000_000);
        await RefusedAsync(heatmap, "no_buckets", p =>
        {
            p.BucketCounts.Clear();
            p.ExplicitBounds.Clear();
            p.ClearSum();
        });
        await heatmap.SendAsync(Request(Metric(point, AggregationTemporality.Unspecified)));
        Assert.Equal(1, heatmap.Metric("refused_points", "temporality"));
        var bytes = Metric(point, AggregationTemporality.Delta);
        bytes.Unit = "By";
        await heatmap.SendAsync(Request(bytes));
        Assert.Equal(1, heatmap.Metric("refused_points", "unit"));
        var other = Metric(point, AggregationTemporality.Delta);
        other.Name = "queue.depth";
        await heatmap.SendAsync(Request(other));
        Assert.Equal(1, heatmap.Metric("skipped_points"));
        Assert.Equal(0, heatmap.Metric("counted_values"));
    }

    private static async Task RefusedAsync(HeatmapHarness heatmap, string reason, Action<HistogramDataPoint> spoil)
    {
        var before = heatmap.Metric("refused_points", reason);
        var point = Explicit([0.01], [0.005], withExtremes: false);
        spoil(point);
        await heatmap.SendAsync(Request(Metric(point, AggregationTemporality.Delta)));
        Assert.Equal(before + 1, heatmap.Metric("refused_points", reason));
    }

    // Found must lie in the slots that the true value's own bucket covers: within one bucket of the truth.
    private static void AssertQuantiles(double[] sorted, DenseColumn column, Func<double, (double Low, double High)> bucketOf)
    {
        foreach (var quantile in Quantiles)
        {
            var truth = sorted[Math.Max(0, (int)Math.Ceiling(quantile * sorted.Length) - 1)];
            var (low, high) = bucketOf(truth);
            var found = LatencyQuantiles.Of(column, quantile)!.Value;
            var lowest = LatencyBuckets.LowerBoundNs(LatencyBuckets.SlotOf((long)(low * 1e9)));
            var highest = LatencyBuckets.LowerBoundNs(LatencyBuckets.SlotOf((long)(high * 1e9)) + 1);
            Assert.InRange(found, lowest, highest);
        }
    }

    private static DenseColumn Resampled(AggregationTemporality temporality, HistogramDataPoint point) =>
        Sent(Metric(point, temporality));

    private static DenseColumn ResampledExponential(ExponentialHistogramDataPoint point) =>
        Sent(Metric(point, AggregationTemporality.Delta));

    private static DenseColumn Sent(Metric metric)
    {
        var heatmap = new HeatmapHarness();
        heatmap.SendAsync(Request(metric)).GetAwaiter().GetResult();
        var column = new DenseColumn();
        Assert.True(heatmap.Connector.Grid.Read(1, Now - 1, column));
        return column;
    }

    private static ExportMetricsServiceRequest Cumulative(ulong startNs, ulong timeNs, ulong fast, ulong slow)
    {
        var point = new HistogramDataPoint
        {
            StartTimeUnixNano = startNs,
            TimeUnixNano = timeNs,
            Count = fast + slow,
            Sum = fast + slow,
            BucketCounts = { fast, slow },
            ExplicitBounds = { 0.01 },
        };
        return Request(Metric(point, AggregationTemporality.Cumulative));
    }

    private static HistogramDataPoint Explicit(double[] bounds, double[] values, bool withExtremes)
    {
        var counts = new ulong[bounds.Length + 1];
        foreach (var value in values)
        {
            var bucket = Array.FindIndex(bounds, b => value <= b);
            counts[bucket < 0 ? bounds.Length : bucket]++;
        }

        var point = new HistogramDataPoint
        {
            TimeUnixNano = NowNs,
            Count = (ulong)values.Length,
            Sum = values.Sum(),
            BucketCounts = { counts },
            ExplicitBounds = { bounds },
        };
        if (withExtremes)
        {
            (point.Min, point.Max) = (values.Min(), values.Max());
        }

        return point;
    }

    private static ExponentialHistogramDataPoint Exponential(int scale, double[] values)
    {
        var step = Math.Pow(2, -scale);
        var indices = values.Select(v => IndexOf(v, step)).ToList();
        var offset = indices.Min();
        var counts = new ulong[indices.Max() - offset + 1];
        indices.ForEach(i => counts[i - offset]++);
        return new ExponentialHistogramDataPoint
        {
            TimeUnixNano = NowNs,
            Count = (ulong)values.Length,
            Scale = scale,
            Sum = values.Sum(),
            Positive = new Buckets { Offset = offset, BucketCounts = { counts } },
        };
    }

    private static int IndexOf(double value, double step) => (int)Math.Ceiling(Math.Log2(value) / step) - 1;

    private static Metric Metric(HistogramDataPoint point, AggregationTemporality temporality) => new()
    {
        Name = "http.server.request.duration",
        Unit = "s",
        Histogram = new Histogram { AggregationTemporality = temporality, DataPoints = { point } },
    };

    private static Metric Metric(ExponentialHistogramDataPoint point, AggregationTemporality temporality) => new()
    {
        Name = "http.server.request.duration",
        Unit = "s",
        ExponentialHistogram = new ExponentialHistogram { AggregationTemporality = temporality, DataPoints = { point } },
    };

    private static ExportMetricsServiceRequest Request(Metric metric) => new()
    {
        ResourceMetrics =
        {
            new ResourceMetrics
            {
                Resource = new Resource { Attributes = { Attribute("service.name", "risk-engine") } },
                ScopeMetrics = { new ScopeMetrics { Metrics = { metric } } },
            },
        },
    };
}
