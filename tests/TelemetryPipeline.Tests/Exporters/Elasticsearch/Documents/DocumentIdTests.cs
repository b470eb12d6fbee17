using System.Linq;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Exporters.Elasticsearch.Cluster;
using TelemetryPipeline.Exporters.Elasticsearch.Documents;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Elasticsearch.Documents;

/// <summary>What is written twice has one id, and what is not the same has two.</summary>
public sealed class DocumentIdTests
{
    [Fact]
    public void Encode_SameRequestTwice_GivesTheSameIds()
    {
        var request = new TransferTraces().Request(3);
        var first = EncodedDocuments.Of(request);
        Assert.Equal(first.Ids, EncodedDocuments.Of(request).Ids);
        Assert.Equal(51, first.Ids.Distinct().Count());
        Assert.All(first.Ids, static id => Assert.Matches("^[A-Za-z0-9_-]{22}$", id));
    }

    [Fact]
    public void Encode_SpanThatAProcessorChanged_KeepsItsId()
    {
        var span = ElasticsearchData.Debit();
        var changed = span.Clone();
        ElasticsearchData.Add(changed.Attributes, ("enriched.at", ElasticsearchData.Number(1)));
        Assert.Equal(Id(span), Id(changed));
    }

    [Fact]
    public void Encode_ClientAndServerWithOneId_AreTwoDocuments()
    {
        var server = new SpanBuilder("debit").Build();
        var client = new SpanBuilder("debit").Kind(Span.Types.SpanKind.Client).Build();
        Assert.NotEqual(Id(server), Id(client));
    }

    [Fact]
    public void Encode_SpansWithoutIds_AreTheirContent()
    {
        var first = new Span { Name = "debit" };
        Assert.NotEqual(Id(first), Id(new Span { Name = "credit" }));
        Assert.Equal(Id(first), Id(new Span { Name = "debit" }));
    }

    [Fact]
    public void Encode_EqualLogLines_AreAsManyDocumentsAsLines()
    {
        var documents = EncodedDocuments.Of(ElasticsearchData.Logs(ElasticsearchData.Log(), ElasticsearchData.Log(), ElasticsearchData.Log()));
        Assert.Equal(3, documents.Ids.Distinct().Count());
    }

    [Fact]
    public void Encode_AttributionObservedAgain_IsTheSameOfOneRevision()
    {
        var first = ElasticsearchData.Attribution();
        var again = ElasticsearchData.Attribution();
        again.ObservedTimeUnixNano += 99;
        Assert.Equal(LogId(first), LogId(again));
        Assert.NotEqual(LogId(first), LogId(ElasticsearchData.Attribution(revision: 2)));
    }

    [Fact]
    public void Encode_DocumentIdAttribute_IsTheIdWhereTheSettingSaysSo()
    {
        var log = ElasticsearchData.Log();
        ElasticsearchData.Add(
            log.Attributes, ("elasticsearch.document_id", ElasticsearchData.Text("order \"7\"")),
            ("elasticsearch.ingest_pipeline", ElasticsearchData.Text("mask")));
        var options = new EncoderOptions { LogsDynamicId = true, LogsDynamicPipeline = true };
        var action = EncodedDocuments.Of(ElasticsearchData.Logs(log), options).Actions[0];
        Assert.Equal("order \"7\"", (string)action["_id"]!);
        Assert.Equal("mask", (string)action["pipeline"]!);
        Assert.Equal(22, LogId(log).Length);
    }

    [Fact]
    public void Encode_PointsAddedToASecondLater_AreAnotherDocument()
    {
        var frame = ElasticsearchData.HeatmapFrame();
        var late = frame.Clone();
        late.Histogram.DataPoints[0].BucketCounts[0] = 5;
        Assert.NotEqual(MetricId(frame), MetricId(late));
        Assert.Equal(MetricId(frame), MetricId(frame.Clone()));
    }

    [Fact]
    public void Encode_MetricsToATimeSeriesStream_LeaveTheIdToIt()
    {
        var options = new EncoderOptions { Features = new ServerFeatures { HasMetricTemplates = true, HasTimeSeries = true } };
        Assert.False(EncodedDocuments.Of(ElasticsearchData.Metrics(ElasticsearchData.HeatmapFrame()), options).Actions[0].ContainsKey("_id"));
    }

    private static string Id(Span span) => EncodedDocuments.Of(ElasticsearchData.Traces(span)).Ids.First();

    private static string LogId(OpenTelemetry.Proto.Logs.V1.LogRecord log) =>
        EncodedDocuments.Of(ElasticsearchData.Logs(log)).Ids.Single();

    private static string MetricId(OpenTelemetry.Proto.Metrics.V1.Metric metric) =>
        EncodedDocuments.Of(ElasticsearchData.Metrics(metric)).Ids.Single();
}
