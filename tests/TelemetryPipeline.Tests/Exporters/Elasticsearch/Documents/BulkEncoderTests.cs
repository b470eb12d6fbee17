using System.Globalization;
using System.Linq;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Exporters.Elasticsearch.Documents;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Tests.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Elasticsearch.Documents;

public sealed class BulkEncoderTests
{
    [Theory]
    [InlineData(Signal.Traces)]
    [InlineData(Signal.Metrics)]
    [InlineData(Signal.Logs)]
    public void Encode_AnyRequestInAnyMode_IsReadByTheOracleAndCountsItsItems(Signal signal)
    {
        for (var seed = 1; seed <= 60; seed++)
        {
            var request = OtlpGenerators.Request(signal, seed);
            using var batch = OtlpPayloads.Batch(request);
            foreach (var mode in new[] { MappingMode.Otel, MappingMode.Ecs })
            {
                var documents = EncodedDocuments.Of(request, new EncoderOptions { Mode = mode });
                Assert.Equal(batch.ItemCount, documents.Items);
            }
        }
    }

    [Theory]
    [InlineData(0, 1_716_249_600_000_000_000)]
    [InlineData(1_716_249_600_000_000_000, 0)]
    [InlineData(1_716_249_600_000_000_000, 1_716_249_599_000_000_000)]
    public void Encode_SpanWithoutADuration_LeavesTheFieldOut(ulong startNs, ulong endNs)
    {
        ExportTraceServiceRequest RequestOf(SpanBuilder span) =>
            new() { ResourceSpans = { new ResourceSpans { ScopeSpans = { new ScopeSpans { Spans = { span.Build() } } } } } };
        foreach (var (mode, field) in new[] { (MappingMode.Otel, "duration"), (MappingMode.Ecs, "event.duration") })
        {
            var options = new EncoderOptions { Mode = mode };
            var known = Assert.Single(EncodedDocuments.Of(RequestOf(new SpanBuilder("a")), options).Sources);
            var unknown = Assert.Single(EncodedDocuments.Of(RequestOf(new SpanBuilder("a").Between(startNs, endNs)), options).Sources);
            Assert.Equal(5_000_000, DurationIn(known));
            Assert.Null(DurationIn(unknown));
            long? DurationIn(JsonObject source) => (long?)(source[field] ?? source[field.Split('.')[0]]?[field.Split('.')[^1]]);
        }
    }

    [Theory]
    [InlineData(Signal.Traces)]
    [InlineData(Signal.Metrics)]
    [InlineData(Signal.Logs)]
    public void Encode_InManyBodies_GivesTheSameDocumentsInTheSameOrder(Signal signal)
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            IMessage[] requests = [OtlpGenerators.Request(signal, seed), OtlpGenerators.Request(signal, seed + 1000)];
            var options = new EncoderOptions { Time = new FakeTimeProvider() };
            Assert.Equal(EncodedDocuments.Of(requests, options).Text, EncodedDocuments.Of(requests, options, bytesMax: 700).Text);
        }
    }

    [Fact]
    public void Encode_Spans_AllocatesNothingForASpan()
    {
        using var encoder = new BulkEncoder(new EncoderOptions());
        using var body = new BulkBuffer(8 << 20);
        using var small = OtlpPayloads.Batch(new TransferTraces().Request(2));
        using var large = OtlpPayloads.Batch(new TransferTraces().Request(100));
        Assert.Equal(0, Allocations.Least(() => Run(encoder, body, small)));
        Assert.Equal(0, Allocations.Least(() => Run(encoder, body, large)));
    }

    [Fact]
    public void Encode_EcsLogsAndPoints_AllocateNothingEither()
    {
        using var ecs = new BulkEncoder(new EncoderOptions { Mode = MappingMode.Ecs });
        using var otel = new BulkEncoder(new EncoderOptions());
        using var body = new BulkBuffer(8 << 20);
        using var spans = OtlpPayloads.Batch(new TransferTraces().Request(20));
        using var logs = OtlpPayloads.Batch(ElasticsearchData.Logs([.. Enumerable.Range(0, 100).Select(static i => ElasticsearchData.Attribution(i))]));
        using var points = OtlpPayloads.Batch(ElasticsearchData.Metrics(
            [.. Enumerable.Range(0, 100).Select(static i => ElasticsearchData.Gauge(string.Create(CultureInfo.InvariantCulture, $"g{i}"), i, $"{i % 7}"))]));
        Assert.Equal(0, Allocations.Least(() => Run(ecs, body, spans)));
        Assert.Equal(0, Allocations.Least(() => Run(otel, body, logs)));
        Assert.Equal(0, Allocations.Least(() => Run(otel, body, points)));
    }

    [Fact]
    public void Encode_PointsOfOneTimeAndAttributes_ShareADocument()
    {
        var documents = EncodedDocuments.Of(ElasticsearchData.Metrics(
            ElasticsearchData.Counter("transfers", 7), ElasticsearchData.Gauge("balance", 2), ElasticsearchData.Gauge("balance", 3, "unionpay")));
        Assert.Equal(2, documents.Sources.Count);
        var shared = Assert.Single(documents.Sources, static d => d["metrics"]!.AsObject().Count == 2);
        Assert.Equal("""{"transfers":7,"balance":2}""", shared["metrics"]!.ToJsonString().Replace("2.0", "2", StringComparison.Ordinal));
        Assert.Contains("\"balance\":2.0", documents.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_TwoValuesOfOneMetric_NeedTwoDocuments()
    {
        var documents = EncodedDocuments.Of(ElasticsearchData.Metrics(
            ElasticsearchData.Gauge("balance", 2), ElasticsearchData.Gauge("balance", 3)));
        Assert.Equal(2, documents.Sources.Count);
    }

    [Fact]
    public void Encode_ManyPoints_AreAllThere()
    {
        var gauge = new Gauge();
        for (var i = 0; i < 10_000; i++)
        {
            var point = new NumberDataPoint { AsInt = i, TimeUnixNano = ElasticsearchData.TimeNs };
            ElasticsearchData.Add(point.Attributes, ("account", ElasticsearchData.Number(i)));
            gauge.DataPoints.Add(point);
        }

        var request = ElasticsearchData.Metrics(new Metric { Name = "balance", Gauge = gauge });
        foreach (var bytesMax in new[] { int.MaxValue, 100_000 })
        {
            var documents = EncodedDocuments.Of([request], bytesMax: bytesMax);
            Assert.Equal(10_000, documents.Sources.Select(static d => (int)d["metrics"]!["balance"]!).Distinct().Count());
        }
    }

    // The value of a bucket is its middle, so that no quantile is off by more than half a bucket.
    [Fact]
    public void Encode_HeatmapFrame_HasAValueAndACountForEachCell()
    {
        var histogram = EncodedDocuments.Of(ElasticsearchData.Metrics(ElasticsearchData.HeatmapFrame())).Sources[0]["metrics"]!["latency.heatmap"]!;
        Assert.Equal("[5,35,645]", histogram["values"]!.ToJsonString().Replace(".0", "", StringComparison.Ordinal));
        Assert.Equal("[1,2,1]", histogram["counts"]!.ToJsonString());
        Assert.Equal(645, (double)histogram["p99"]!);
        Assert.Equal(35, (double)histogram["p50"]!);
    }

    [Fact]
    public void Encode_ExponentialHistogram_GoesUpFromTheLowestBucket()
    {
        var histogram = EncodedDocuments.Of(ElasticsearchData.Metrics(ElasticsearchData.Exponential())).Sources[0]["metrics"]!["transfer.duration"]!;
        var values = histogram["values"]!.AsArray().Select(static v => Math.Round((double)v!, 6)).ToArray();
        Assert.Equal([-3, -1.5, 0, 1.5, 6], values);
        Assert.Equal("[1,2,1,1,2]", histogram["counts"]!.ToJsonString());
    }

    private static void Run(BulkEncoder encoder, BulkBuffer body, OtlpBatch batch)
    {
        body.Clear();
        encoder.Begin();
        var cursor = default(BulkCursor);
        encoder.Encode(batch, ref cursor, body, int.MaxValue);
    }
}
