using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Otlp.Indexing;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Otlp.Indexing;

public sealed class ItemCutterTests
{
    private const int Items = 10_000;

    // A part of one item: its path from the envelope down is looked at a few times for measuring and for writing.
    private const long VisitsPerPart = 40;

    public static TheoryData<string> Shapes => ["one scope", "a scope each", "a resource each", "a metric each", "one metric"];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Cut_EveryItemAlone_LooksAtFewNodesForEach(string shape) => CutAll(shape, maxItems: 1, long.MaxValue, out _);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Cut_ByBytesForOneItem_LooksAtFewNodesForEach(string shape) => CutAll(shape, int.MaxValue, maxBytes: 60, out _);

    [Fact]
    public void Cut_ItemsOfOneScope_RepeatsResourceAndScopeAndNothingElse()
    {
        CutAll("one scope", maxItems: 1, long.MaxValue, out var bytes);
        var alone = Request("one scope", 1).CalculateSize();
        Assert.InRange(bytes, (long)Items * (alone - 8), (long)Items * (alone + 8));
    }

    private static void CutAll(string shape, int maxItems, long maxBytes, out long bytes)
    {
        using var batch = OtlpPayloads.Batch(Request(shape, Items));
        var chunk = batch.Chunks[0];
        var index = chunk.BorrowIndex();
        using var runs = new HolderRuns(index);
        var cutter = new ItemCutter(chunk.Bytes, index, runs);
        var target = new byte[chunk.Length];
        bytes = 0;
        var parts = 0;
        for (var first = 0; first < cutter.ItemCount; parts++)
        {
            var count = Math.Max(1, cutter.Fit(first, maxItems, maxBytes));
            var length = cutter.Measure(first, first + count);
            cutter.Write(target.AsSpan(0, length));
            bytes += length;
            first += count;
        }

        Assert.Equal(Items, cutter.ItemCount);
        Assert.InRange(parts, Items / 3, Items);
        Assert.InRange(cutter.Visits, Items, Items * VisitsPerPart);
    }

    private static IMessage Request(string shape, int items)
    {
        var traces = new ExportTraceServiceRequest();
        var metrics = new ExportMetricsServiceRequest { ResourceMetrics = { new ResourceMetrics() } };
        metrics.ResourceMetrics[0].ScopeMetrics.Add(new ScopeMetrics());
        for (var i = 0; i < items; i++)
        {
            var isFirst = i == 0;
            if (isFirst || shape == "a resource each")
            {
                traces.ResourceSpans.Add(new ResourceSpans { Resource = new Resource(), SchemaUrl = "ledger" });
            }

            if (isFirst || shape is "a resource each" or "a scope each")
            {
                traces.ResourceSpans[^1].ScopeSpans.Add(new ScopeSpans { SchemaUrl = "scope" });
            }

            traces.ResourceSpans[^1].ScopeSpans[^1].Spans.Add(new Span { Name = "debit" });
            var list = metrics.ResourceMetrics[0].ScopeMetrics[0].Metrics;
            if (isFirst || shape == "a metric each")
            {
                list.Add(new Metric { Name = "balance", Gauge = new Gauge() });
            }

            list[^1].Gauge.DataPoints.Add(new NumberDataPoint { AsInt = i });
        }

        return shape.Contains("metric", StringComparison.Ordinal) ? metrics : traces;
    }
}
