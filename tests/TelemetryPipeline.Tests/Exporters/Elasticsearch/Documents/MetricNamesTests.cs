using System.Linq;
using System.Text.Json;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Metrics.V1;
using TelemetryPipeline.Exporters.Elasticsearch.Cluster;
using TelemetryPipeline.Exporters.Elasticsearch.Documents;

namespace TelemetryPipeline.Tests.Exporters.Elasticsearch.Documents;

/// <summary>Names of metrics, which share a document with each other and, in mode ecs, with everything else.</summary>
public sealed class MetricNamesTests
{
    private static readonly EncoderOptions Ecs = new() { Mode = MappingMode.Ecs };

    [Theory]
    [InlineData("container.memory.usage|container.memory.usage.limit", "container.memory.usage.value|container.memory.usage.limit")]
    [InlineData("x.max|x|x.value", "x.max|x._value|x.value")]
    [InlineData(".a|a..c||d.", "_.a|a._.c|_.value|d._")]
    [InlineData("|_|__", "_|__|___")]
    [InlineData(" |a. \t.b|\u3000", "_20|a._2009.b|_e38080")]
    [InlineData("a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q", "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o_p_q")]
    public void Encode_NamesThatAnIndexRefuses_ArePutApartInBothModes(string given, string expected)
    {
        var metrics = given.Split('|').Select(static (name, i) => Gauge(name, i)).ToArray();

        var otel = Assert.Single(EncodedDocuments.Of(ElasticsearchData.Metrics(metrics)).Sources)["metrics"]!.AsObject();
        Assert.Equal(expected.Split('|'), otel.Select(static m => m.Key));
        Assert.Equal(Enumerable.Range(0, metrics.Length), otel.Select(static m => (int)m.Value!));

        var ecs = Assert.Single(EncodedDocuments.Of(ElasticsearchData.Metrics(metrics), Ecs).Sources);
        Assert.Equal(Enumerable.Range(0, metrics.Length), expected.Split('|').Select(name => (int)ecs[name]!));
    }

    [Fact]
    public void Encode_HistogramAndGaugeInsideIt_HaveFieldsOfTheirOwn()
    {
        var histogram = new Metric
        {
            Name = "x",
            Histogram = new Histogram
            {
                DataPoints = { new HistogramDataPoint { TimeUnixNano = ElasticsearchData.TimeNs, Count = 1, Sum = 3, Max = 3, ExplicitBounds = { 5 }, BucketCounts = { 1, 0 } } },
            },
        };

        var metrics = Assert.Single(EncodedDocuments.Of(ElasticsearchData.Metrics(histogram, Gauge("x.max", 7))).Sources)["metrics"]!;

        Assert.Equal(7, (int)metrics["x.max"]!);
        Assert.Equal(3, (double)metrics["x.value"]!["max"]!);
    }

    [Fact]
    public void Encode_PrefixInAnotherDocumentOfTheScope_MovesToo()
    {
        var sources = EncodedDocuments.Of(ElasticsearchData.Metrics(Gauge("usage", 1, "pool"), Gauge("usage.limit", 2))).Sources;

        Assert.Equal(
            ["usage.limit", "usage.value"],
            sources.SelectMany(static s => s["metrics"]!.AsObject()).Select(static m => m.Key).Order(StringComparer.Ordinal));
        Assert.Equal(2, sources.Count);
    }

    [Fact]
    public void Encode_ServerWithFlatNames_KeepsThem()
    {
        var options = new EncoderOptions { Features = new ServerFeatures { HasMetricTemplates = true, HasFlatMetricNames = true } };
        var documents = EncodedDocuments.Of(ElasticsearchData.Metrics(Gauge("a", 1), Gauge("a.b", 2), Gauge("", 3)), options);

        Assert.Equal("""{"a":1,"a.b":2,"_":3}""", Assert.Single(documents.Sources)["metrics"]!.ToJsonString());
        Assert.Equal(
            """{"metrics.a":"gauge_long","metrics.a.b":"gauge_long","metrics._":"gauge_long"}""",
            documents.Actions[0]["dynamic_templates"]!.ToJsonString());
    }

    [Fact]
    public void Encode_EcsMetricNamedAsAField_KeepsBoth()
    {
        var document = EncodedDocuments.Of(
            ElasticsearchData.Metrics(Gauge("service.name", 1), Gauge("@timestamp", 2), Gauge("service", 3), Gauge("tenant.id.x", 4)), Ecs);

        using var source = JsonDocument.Parse(
            document.Sources[0].ToJsonString(), new JsonDocumentOptions { AllowDuplicateProperties = false });
        Assert.Equal("balance-ledger", source.RootElement.GetProperty("service.name").GetString());
        Assert.Equal(1, source.RootElement.GetProperty("metrics.service.name").GetInt32());
        Assert.Equal(2, source.RootElement.GetProperty("metrics.@timestamp").GetInt32());
        Assert.Equal(3, source.RootElement.GetProperty("service.value").GetInt32());
        Assert.Equal(4, source.RootElement.GetProperty("tenant.id.x").GetInt32());
        Assert.Equal("bank-a", source.RootElement.GetProperty("tenant.id.value").GetString());
    }

    private static Metric Gauge(string name, long value, string attribute = "")
    {
        var point = new NumberDataPoint { TimeUnixNano = ElasticsearchData.TimeNs, AsInt = value };
        if (attribute.Length > 0)
        {
            point.Attributes.Add(new KeyValue { Key = attribute, Value = ElasticsearchData.Text("main") });
        }

        return new Metric { Name = name, Gauge = new Gauge { DataPoints = { point } } };
    }
}
