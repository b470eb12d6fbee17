using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Exporters.Elasticsearch.Documents;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Elasticsearch.Documents;

public sealed class RoutingTests
{
    [Theory]
    [InlineData("", "", "", "traces-generic.otel-default")]
    [InlineData("", "", "cards", "traces-cards.otel-default")]
    [InlineData("", "loans", "cards", "traces-loans.otel-default")]
    [InlineData("fx", "loans", "cards", "traces-fx.otel-default")]
    [InlineData("Card-Pay/Auth:1 *?", "", "", "traces-card_pay_auth_1___.otel-default")]
    public void Encode_DatasetOfRecordScopeOrResource_NamesTheStream(string record, string scope, string resource, string expected) =>
        Assert.Equal(expected, Assert.Single(EncodedDocuments.Of(Request("data_stream.dataset", record, scope, resource)).Indexes));

    [Fact]
    public void Encode_Namespace_KeepsItsDashes() => Assert.Equal(
        "traces-generic.otel-bank-a_eu",
        Assert.Single(EncodedDocuments.Of(Request("data_stream.namespace", "Bank-A/EU", "", "")).Indexes));

    [Fact]
    public void Encode_LongDataset_IsCutTo100BytesBetweenCharacters()
    {
        var index = Assert.Single(EncodedDocuments.Of(Request("data_stream.dataset", new string('\u94b1', 60), "", "")).Indexes);
        Assert.Equal($"traces-{new string('\u94b1', 31)}.otel-default", index);
    }

    [Fact]
    public void Encode_IndexAttribute_WinsAndLeavesNoDataStream()
    {
        var documents = EncodedDocuments.Of(Request("elasticsearch.index", "Fraud Cases", "", ""));
        Assert.Equal("fraud_cases", Assert.Single(documents.Indexes));
        Assert.False(documents.Sources[0].ContainsKey("data_stream"));
        Assert.False(documents.Sources[0].ContainsKey("attributes"));
    }

    [Fact]
    public void Encode_FixedIndex_TakesEverything() => Assert.Equal(
        "spans",
        Assert.Single(EncodedDocuments.Of(
            Request("data_stream.dataset", "fx", "", ""), new EncoderOptions { FixedIndexes = ["spans", null, null] }).Indexes));

    [Fact]
    public void Encode_ReceiverScope_NamesTheDataset()
    {
        var request = Request("x", "", "", "");
        request.ResourceSpans[0].ScopeSpans[0].Scope.Name =
            "github.com/open-telemetry/opentelemetry-collector-contrib/receiver/hostmetricsreceiver/internal/scraper";
        Assert.Equal("traces-hostmetricsreceiver.otel-default", Assert.Single(EncodedDocuments.Of(request).Indexes));
    }

    [Theory]
    [InlineData("ecs", true, "traces-generic-default", 0)]
    [InlineData("ecs", false, "traces-generic.otel-default", 1)]
    [InlineData("bodymap", true, "traces-generic.otel-default", 1)]
    public void Encode_ScopeAsksForAMode_IsHeardWhereAllowed(string mode, bool allowed, string index, int refused)
    {
        var request = Request("elastic.mapping.mode", "", mode, "");
        var options = new EncoderOptions
        {
            AllowedModes = allowed ? new HashSet<MappingMode> { MappingMode.Otel, MappingMode.Ecs } : new HashSet<MappingMode> { MappingMode.Otel },
        };
        Assert.Equal(index, Assert.Single(EncodedDocuments.Of(request, options).Indexes));
        using var encoder = new BulkEncoder(options);
        using var batch = OtlpPayloads.Batch(request);
        using var body = new BulkBuffer(4096);
        var cursor = default(BulkCursor);
        encoder.Encode(batch, ref cursor, body, int.MaxValue);
        Assert.Equal(refused, encoder.RefusedModes);
    }

    [Fact]
    public void Encode_EventsOfASpan_GoToTheLogsOfTheSameDataset()
    {
        var request = ElasticsearchData.Traces(ElasticsearchData.Debit());
        ElasticsearchData.Add(request.ResourceSpans[0].Resource.Attributes, ("data_stream.dataset", ElasticsearchData.Text("ledger")));
        Assert.Equal(["traces-ledger.otel-default", "logs-ledger.otel-default"], EncodedDocuments.Of(request).Indexes);
    }

    private static ExportTraceServiceRequest Request(string key, string record, string scope, string resource)
    {
        var span = new Span { Name = "debit" };
        var envelope = new ScopeSpans { Scope = new InstrumentationScope(), Spans = { span } };
        var request = new ExportTraceServiceRequest
        {
            ResourceSpans = { new ResourceSpans { Resource = ElasticsearchData.Ledger(), ScopeSpans = { envelope } } },
        };
        AddIf(span.Attributes, key, record);
        AddIf(envelope.Scope.Attributes, key, scope);
        AddIf(request.ResourceSpans[0].Resource.Attributes, key, resource);
        return request;
    }

    private static void AddIf(Google.Protobuf.Collections.RepeatedField<KeyValue> attributes, string key, string value)
    {
        if (value.Length > 0)
        {
            ElasticsearchData.Add(attributes, (key, ElasticsearchData.Text(value)));
        }
    }
}
