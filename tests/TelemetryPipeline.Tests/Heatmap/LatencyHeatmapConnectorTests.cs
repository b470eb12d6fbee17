using System.Linq;
using CsCheck;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Heatmap;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Tests.Otlp;
using TelemetryPipeline.TestSupport.Otlp;
using static TelemetryPipeline.Tests.Heatmap.HeatmapHarness;

namespace TelemetryPipeline.Tests.Heatmap;

public sealed class LatencyHeatmapConnectorTests
{
    private static readonly string[] Services = ["risk-engine", "balance-ledger", "pboc-front"];

    private static readonly Gen<(string Service, double EndedAgo, long LatencyMs)> AnySpan = Gen.Select(
        Gen.Int[0, 2].Select(i => Services[i]),
        Gen.Frequency((8, Gen.Double[-2, 5]), (1, Gen.Double[-8, 4000])),
        Gen.Frequency((8, Gen.Long[0, 700]), (1, Gen.Long[-3, 200_000])));

    [Fact]
    public async Task Frame_OfASecond_IsADeltaHistogramOfTheSpansThatEndedInIt()
    {
        var heatmap = new HeatmapHarness();
        await heatmap.SendAsync(Request(
            "balance-ledger",
            Transfer(0.1, 5).With("node_type", "core"),
            Transfer(0.2, 15).With("node_type", "core"),
            Transfer(0.9, 2000).With("node_type", "core")));

        await heatmap.PassAsync(1);

        var metric = Assert.Single(Assert.Single(heatmap.Frames).ResourceMetrics[0].ScopeMetrics[0].Metrics);
        Assert.Equal(("latency.heatmap", "ms"), (metric.Name, metric.Unit));
        Assert.Equal(AggregationTemporality.Delta, metric.Histogram.AggregationTemporality);
        var point = Assert.Single(metric.Histogram.DataPoints);
        Assert.Equal(Enumerable.Range(1, 59).Select(i => 10.0 * i), point.ExplicitBounds);
        Assert.Equal([1UL, 1, .. new ulong[57], 1], point.BucketCounts);
        Assert.Equal((3UL, 2020.0, 5.0, 2000.0), (point.Count, point.Sum, point.Min, point.Max));
        Assert.Equal(Now * 1_000_000_000UL, point.StartTimeUnixNano);
        Assert.Equal((Now + 1) * 1_000_000_000UL, point.TimeUnixNano);
        Assert.Equal(
            [("service.name", "balance-ledger"), ("node_type", "core"), ("span.kind", "SPAN_KIND_SERVER")],
            point.Attributes.Select(a => (a.Key, a.Value.StringValue)));
    }

    [Fact]
    public async Task Frame_WhileTheSecondIsOpen_WaitsForItsEnd()
    {
        var heatmap = new HeatmapHarness();
        await heatmap.SendAsync(Request("risk-engine", Transfer(0, 5)));
        await heatmap.PassAsync(0);
        Assert.Empty(heatmap.Frames);

        await heatmap.PassAsync(1);
        Assert.Single(heatmap.Points);
    }

    [Fact]
    public async Task Frame_OfALateSpan_AmendsItsSecondWithWhatWasAdded()
    {
        var heatmap = new HeatmapHarness();
        await heatmap.SendAsync(Request("risk-engine", Transfer(0, 5)));
        await heatmap.PassAsync(30);
        await heatmap.SendAsync(Request("risk-engine", Transfer(0, 25)));
        await heatmap.PassAsync(1);

        Assert.Equal([1UL, 1], heatmap.Points.Select(p => p.Count));
        Assert.Equal(2, heatmap.Points.Select(p => p.StartTimeUnixNano).Count(t => t == Now * 1_000_000_000UL));
        Assert.Equal(1UL, heatmap.Points.Last().BucketCounts[2]);
    }

    [Fact]
    public void Frames_OfAnyStream_FoldedByAConsumerAreTheGrid() => AnySpan.Array[1, 60].Array[1, 5].Sample(
        rounds =>
        {
            var heatmap = new HeatmapHarness();
            var sent = 0;
            foreach (var round in rounds)
            {
                foreach (var service in round.GroupBy(s => s.Service))
                {
                    heatmap.SendAsync(Request(service.Key, service.Select(s => Ended(s.EndedAgo, s.LatencyMs)))).GetAwaiter().GetResult();
                }

                sent += round.Length;
                heatmap.PassAsync(1).GetAwaiter().GetResult();
            }

            heatmap.Connector.StopAsync(CancellationToken.None).GetAwaiter().GetResult();

            var refused = heatmap.Metric("refused_values");
            var expired = heatmap.Metric("expired_values");

            // Spans of the hour's oldest second, which leaves before the next frame.
            var untaken = heatmap.Metric("untaken_values");
            var folded = Folded(heatmap.Points);
            Assert.Equal(sent - refused - untaken, folded.Values.Sum());
            Assert.Equal(sent - refused - expired, Cells(heatmap.Connector.Grid).Values.Sum());
            Assert.All(Cells(heatmap.Connector.Grid), cell => Assert.Equal(cell.Value, folded[cell.Key]));
        },
        iter: 60);

    [Fact]
    public async Task Consume_SpansThatCannotBeCounted_AreRefusedByReason()
    {
        var heatmap = new HeatmapHarness();
        await heatmap.SendAsync(Request(
            "risk-engine",
            Ended(3600, 5), Ended(3599, 5), Ended(-4, 5), Ended(-1.5, 5), Ended(0, -1),
            Transfer(0, 5).Between(0, Now * 1_000_000_000UL), Transfer(0, 5).Between(Now * 1_000_000_000UL, 0), Transfer(0, 5).Between(0, 0),
            Transfer(0, 5).Kind(Span.Types.SpanKind.Client)));

        Assert.Equal(1, heatmap.Metric("refused_values", "too_old"));
        Assert.Equal(1, heatmap.Metric("refused_values", "future"));
        Assert.Equal(1, heatmap.Metric("refused_values", "negative"));
        Assert.Equal(2, heatmap.Metric("refused_values", "no_start"));
        Assert.Equal(1, heatmap.Metric("refused_values", "no_end"));
        Assert.Equal(2, heatmap.Metric("counted_values"));
        Assert.Equal(1, heatmap.Metric("skipped_spans"));
    }

    [Fact]
    public async Task Exemplars_OfACell_AreItsNewestFailingAndItsSlowestSpan()
    {
        var heatmap = new HeatmapHarness();
        await heatmap.SendAsync(Request(
            "balance-ledger",
            Transfer(0.1, 11, trace: 1), Transfer(0.2, 19, trace: 2), Transfer(0.3, 12, trace: 3),
            Transfer(0.4, 18, trace: 4).Failed(),
            Transfer(0.5, 13, trace: 5).With("status", "timeout"),
            Transfer(0.45, 17, trace: 6).With("code", "ERR_INSUFFICIENT_BALANCE"),
            Transfer(0.6, 14, trace: 7).With("status", "success")));

        await heatmap.PassAsync(1);

        var exemplars = Assert.Single(heatmap.Points).Exemplars.OrderBy(e => e.AsDouble).ToList();
        Assert.Equal([(13.0, 5, true), (19.0, 2, false)], exemplars.Select(
            e => (e.AsDouble, (int)e.SpanId.Last(), e.FilteredAttributes.Single(a => a.Key == "failed").Value.BoolValue)));
        Assert.Equal(16, exemplars[0].TraceId.Length);
    }

    [Fact]
    public async Task Frame_TheNextPipelineAsksForARetry_IsOfferedAgainWithNothingLost()
    {
        var heatmap = new HeatmapHarness { Answer = ConsumeResult.Retry("queue_full", "no room") };
        for (var second = 0; second < 3; second++)
        {
            await heatmap.SendAsync(Request("risk-engine", Transfer(second, 5)));
            await heatmap.PassAsync(1);
        }

        heatmap.Answer = ConsumeResult.Accepted;
        await heatmap.PassAsync(1);

        Assert.Equal([Now, Now + 1, Now + 2], heatmap.Points.Select(p => (long)(p.StartTimeUnixNano / 1_000_000_000)));
        Assert.Equal(3, heatmap.Metric("frame_points"));
    }

    [Fact]
    public async Task Frame_TheNextPipelineThrows_IsCountedAsRejectedAndTheNextFrameGoesOut()
    {
        var heatmap = new HeatmapHarness { Failure = new InvalidOperationException("a bug in an exporter") };
        await heatmap.SendAsync(Request("risk-engine", Transfer(0, 5)));
        await heatmap.PassAsync(1);
        Assert.Equal(1, heatmap.Metric("rejected_frame_points", "internal_error"));
        Assert.Equal(1, heatmap.BackgroundFailures("frame_emission"));

        heatmap.Failure = null;
        await heatmap.SendAsync(Request("risk-engine", Transfer(1, 5)));
        await heatmap.PassAsync(1);
        Assert.Equal(Now + 1, (long)(Assert.Single(heatmap.Points).StartTimeUnixNano / 1_000_000_000));
    }

    [Fact]
    public async Task Tick_WhileTheNextPipelineHoldsAFrame_MovesTheClockOn()
    {
        var heatmap = new HeatmapHarness { Held = new TaskCompletionSource() };
        await heatmap.SendAsync(Request("risk-engine", Transfer(0, 5)));
        var tick = heatmap.PassAsync(1);
        _ = heatmap.PassAsync(9);
        Assert.False(tick.IsCompleted);

        await heatmap.SendAsync(Request("risk-engine", Transfer(10, 5)));
        Assert.Equal(0, heatmap.Metric("refused_values"));
        heatmap.Held.SetResult();
        await tick;
        await heatmap.PassAsync(1);
        Assert.Equal(2, heatmap.Metric("frame_points"));
    }

    [Fact]
    public async Task Stop_WithAnOpenSecond_HandsItOn()
    {
        var heatmap = new HeatmapHarness();
        await heatmap.Connector.StartAsync(CancellationToken.None);
        await heatmap.SendAsync(Request("risk-engine", Transfer(0, 5)));
        await heatmap.Connector.StopAsync(CancellationToken.None);

        Assert.Equal(1UL, Assert.Single(heatmap.Points).Count);
    }

    [Fact]
    public async Task Dimensions_BeyondTheBudget_FoldIntoTheOverflowSeries()
    {
        var heatmap = new HeatmapHarness("{memory_limit_mib: 8}");
        var limit = (int)heatmap.Metric("series_limit");
        for (var i = 0; i < limit + 20; i++)
        {
            await heatmap.SendAsync(Request($"service-{i}", Transfer(0, 5)));
        }

        await heatmap.PassAsync(1);

        var overflow = Assert.Single(heatmap.Points, p => p.Attributes.Any(a => a.Key == "otel.metric.overflow" && a.Value.BoolValue));
        Assert.Equal(21UL, overflow.Count);
        Assert.Equal(limit, heatmap.Points.Count());
        Assert.Equal(limit, heatmap.Metric("series"));
    }

    [Fact]
    public async Task Dimensions_OfAnyType_AreLookedUpOnTheSpanAndThenOnItsResource()
    {
        var heatmap = new HeatmapHarness("{dimensions: [service.name, tenant.id, reversal, risk_score, span.name]}");
        await heatmap.SendAsync(Request(
            "risk-engine", Transfer(0, 5).With("tenant.id", "bank-a").With("reversal", true).With("risk_score", 700L).With("service.name", "other")));
        await heatmap.PassAsync(1);

        Assert.Equal(
            [("service.name", "other"), ("tenant.id", "bank-a"), ("reversal", "true"), ("risk_score", "700"), ("span.name", "book")],
            Assert.Single(heatmap.Points).Attributes.Select(a => (a.Key, a.Value.StringValue)));
    }

    [Fact]
    public void Consume_InSteadyState_AllocatesNothing()
    {
        var heatmap = new HeatmapHarness();
        using var batch = OtlpPayloads.Batch(Request(
            "balance-ledger", Enumerable.Range(0, 500).Select(i => Transfer(0, (ulong)i, trace: (ulong)i + 1).With("node_type", "core"))));

        Assert.Equal(0, Allocations.Least(() => heatmap.Connector.Count(batch)));
    }

    [Theory]
    [InlineData("{dimensions: [a, a]}", "must be keys of attributes, each once and not empty, got \"a\"")]
    [InlineData("{dimensions: [a, b, c, d, e, f, g, h, i]}", "must be at most 8 keys, got 9")]
    [InlineData("{span_kinds: [servers]}", "must be of unspecified, internal, server, client, producer, consumer, got \"servers\"")]
    [InlineData("{future_tolerance: 61s}", "must be whole seconds, 0s to 60s, got 61s")]
    [InlineData("{metric_name: ''}", "must not be empty, got \"\"")]
    public void Read_ASettingThatIsWrong_SaysWhatIsAllowed(string yaml, string problem) =>
        Assert.Equal([problem], Read(yaml).Errors);

    private static SpanBuilder Ended(double secondsAgo, long latencyMs)
    {
        var end = (ulong)((Now - secondsAgo) * 1e9);
        return new SpanBuilder("book").At(end - (ulong)(latencyMs * 1_000_000), (ulong)(latencyMs * 1_000_000));
    }

    private static Dictionary<(string Service, long Second, int Bucket), long> Folded(IEnumerable<HistogramDataPoint> points)
    {
        var cells = new Dictionary<(string, long, int), long>();
        foreach (var point in points)
        {
            var service = point.Attributes.Single(a => a.Key == "service.name").Value.StringValue;
            for (var bucket = 0; bucket < point.BucketCounts.Count; bucket++)
            {
                if (point.BucketCounts[bucket] is var count and > 0)
                {
                    var cell = (service, (long)(point.StartTimeUnixNano / 1_000_000_000), bucket);
                    cells[cell] = cells.GetValueOrDefault(cell) + (long)count;
                }
            }
        }

        return cells;
    }

    private static Dictionary<(string Service, long Second, int Bucket), long> Cells(LatencyGrid grid)
    {
        HeatmapDimension[] dimensions = [new("service.name"), new("node_type"), new("span.kind")];
        var cells = new Dictionary<(string, long, int), long>();
        for (var series = 1; series < grid.SeriesCount; series++)
        {
            // The number of a series that had nothing but spans too old for it is free again.
            if (grid.KeyOf(series) is not { } key)
            {
                continue;
            }

            var service = SeriesKey.Values(key, dimensions)[0].Value;
            for (var second = grid.OldestSecond; second <= grid.NowSecond + grid.FutureSeconds; second++)
            {
                var column = new DenseColumn();
                for (var bucket = 0; grid.Read(series, second, column) && bucket < LatencyBuckets.BucketCount; bucket++)
                {
                    if (column.InBucket(bucket) is var count and > 0)
                    {
                        cells[(service, second, bucket)] = (long)count;
                    }

                    column.Clear();
                }
            }
        }

        return cells;
    }
}
