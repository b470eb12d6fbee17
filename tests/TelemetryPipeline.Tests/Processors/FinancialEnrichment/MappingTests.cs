using System.Linq;
using OpenTelemetry.Proto.Common.V1;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.FinancialEnrichment;

public sealed class MappingTests
{
    [Theory]
    [InlineData("http.request.header.x-biz-order-no")]
    [InlineData("http.request.header.x_biz_order_no")]
    [InlineData("rpc.request.metadata.x-biz-order-no")]
    [InlineData("rpc.grpc.request.metadata.x-biz-order-no")]
    [InlineData("baggage.biz.order_no")]
    [InlineData("order_no")]
    public async Task Consume_BusinessKeyInAnySource_IsMapped(string source)
    {
        var span = await EnrichmentRun.EnrichAsync(new SpanBuilder("x").With(source, "TRD20240521000004567").Build());

        Assert.Equal("TRD20240521000004567", span.Text("biz.order_no"));
    }

    [Fact]
    public async Task Consume_HeaderAsList_TakesItsFirstElement()
    {
        var header = new AnyValue { ArrayValue = new ArrayValue { Values = { Text("TRD20240521000004567"), Text("other") } } };
        var span = await EnrichmentRun.EnrichAsync(new SpanBuilder("x").With("http.request.header.x-biz-order-no", header).Build());

        Assert.Equal("TRD20240521000004567", span.Text("biz.order_no"));
    }

    [Fact]
    public async Task Consume_BaggageHeader_IsReadWithItsEncodingAndProperties()
    {
        var span = await EnrichmentRun.EnrichAsync(new SpanBuilder("x")
            .With("http.request.header.baggage", "a=1, biz.order_no = TRD%32 ;ttl=3,b=2").Build());

        Assert.Equal("TRD2", span.Text("biz.order_no"));
    }

    // Scenario: more mappings than fit into one word of bits, each of which takes what the one before it has set.
    [Fact]
    public async Task Consume_ChainOfManyMappings_RunsToItsEnd()
    {
        var yaml = new System.Text.StringBuilder("default_mappings: false\nmappings:\n");
        for (var i = 1; i <= 100; i++)
        {
            yaml.AppendLine(System.Globalization.CultureInfo.InvariantCulture, $"  - {{to: step.{i}, from: step.{i - 1}}}");
        }

        var span = await EnrichmentRun.EnrichAsync(new SpanBuilder("x").With("step.0", "v").Build(), yaml.ToString());

        Assert.All(Enumerable.Range(0, 101), i => Assert.Equal("v", span.Text($"step.{i}")));
    }

    [Fact]
    public async Task Consume_SourceThatWasRemovedIsALaterTarget_IsSetAgain()
    {
        const string Yaml = """
            default_mappings: false
            mappings:
              - {to: a, from: b, remove_source: true}
              - {to: b, from: c}
              - {to: d, from: b}
            """;
        var span = await EnrichmentRun.EnrichAsync(new SpanBuilder("x").With("b", "1").With("c", "2").Build(), Yaml);

        Assert.Equal(("1", "2", "2"), (span.Text("a"), span.Text("b"), span.Text("d")));
    }

    // Long keys and long values have lengths of two bytes, and long keys no prepared form.
    [Theory]
    [InlineData(1)]
    [InlineData(29)]
    [InlineData(30)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(200)]
    public async Task Consume_KeysAndValuesOfAnyLength_AreCopiedWhole(int keyLength)
    {
        var target = new string('k', keyLength);
        foreach (var length in (int[])[1, 77, 78, 79, 80, 81, 100, 125, 126, 127, 128, 129, 300, 20_000])
        {
            var value = new string('v', length);
            var span = await EnrichmentRun.EnrichAsync(
                new SpanBuilder("x").With("s", value).Build(), $"default_mappings: false\nmappings: [{{to: {target}, from: s}}]");
            Assert.Equal(value, span.Text(target));
            Assert.Equal(value, span.Text("s"));
        }
    }

    [Fact]
    public async Task Consume_SeveralSources_FirstWinsAndTargetBeatsAll()
    {
        var both = new SpanBuilder("x").With("order_no", "second").With("http.request.header.x-biz-order-no", "first");
        Assert.Equal("first", (await EnrichmentRun.EnrichAsync(both.Build())).Text("biz.order_no"));
        Assert.Equal("own", (await EnrichmentRun.EnrichAsync(both.With("biz.order_no", "own").Build())).Text("biz.order_no"));
    }

    [Fact]
    public async Task Consume_ConfiguredMapping_ReplacesTheShippedOneAndRemovesItsSource()
    {
        const string Yaml = """
            mappings:
              - {to: biz.order_no, from: [my.order, "resource:order"], remove_source: true}
              - {to: attempt, from: retry, type: int}
            """;
        var span = await EnrichmentRun.EnrichAsync(
            new SpanBuilder("x").With("my.order", "A").With("order_no", "B").With("retry", "3").Build(), Yaml);
        Assert.Equal("A", span.Text("biz.order_no"));
        Assert.Null(span.Get("my.order"));
        Assert.Equal(3, span.Get("attempt")!.IntValue);

        span = await EnrichmentRun.EnrichAsync(new SpanBuilder("x").Build(), Yaml, ("order", "from resource"));
        Assert.Equal("from resource", span.Text("biz.order_no"));
    }

    public static TheoryData<string, string, long> Amounts() => new()
    {
        { "12.34", "CNY", 1234 },
        { "12.3", "CNY", 1230 },
        { "1234", "CNY", 1234 },
        { "-0.05", "CNY", -5 },
        { "1,234.50", "USD", 123450 },
        { "92233720368547758.07", "CNY", long.MaxValue },
        { "100.", "CNY", 0 },
        { "12.345", "CNY", 0 },
        { "12.340", "CNY", 1234 },
        { "12.345", "KWD", 12345 },
        { "500.0", "JPY", 500 },
        { "0.1", "JPY", 0 },
        { "12.34", "XXX", 0 },
        { "12.34", "QQQ", 0 },
        { "92233720368547758.08", "CNY", 0 },
        { "1e3", "CNY", 0 },
        { "1,23.00", "CNY", 0 },
    };

    [Theory]
    [MemberData(nameof(Amounts))]
    public async Task Consume_AmountAsText_BecomesExactMinorUnitsOrStays(string text, string currency, long minor)
    {
        var span = await EnrichmentRun.EnrichAsync(new SpanBuilder("x").With("amount", text).With("currency", currency).Build());

        var amount = span.Get("amount")!;
        Assert.Equal(minor == 0 ? Text(text) : new AnyValue { IntValue = minor }, amount);
    }

    [Fact]
    public async Task Consume_AmountAsNumber_IntegersAreMinorAndDoublesMajor()
    {
        async Task<long> Of(SpanBuilder span) => (await EnrichmentRun.EnrichAsync(span.With("currency", "cny").Build())).Get("amount")!.IntValue;

        Assert.Equal(1234, await Of(new SpanBuilder("x").With("amount", 12.34)));
        Assert.Equal(12, await Of(new SpanBuilder("x").With("amount", 12L)));
        Assert.Equal(1200, await Of(new SpanBuilder("x").With("http.request.header.x-amount", 12.0)));
    }

    [Theory]
    [InlineData("1716249600")]
    [InlineData("1716249600000")]
    [InlineData("1716249600000000000")]
    [InlineData("2024-05-21T00:00:00Z")]
    [InlineData("2024-05-21T08:00:00+08:00")]
    public async Task Consume_Timestamp_BecomesMilliseconds(string text)
    {
        var span = await EnrichmentRun.EnrichAsync(new SpanBuilder("x").With("ts_ms", text).Build());
        Assert.Equal(1_716_249_600_000, span.Get("ts_ms")!.IntValue);
    }

    [Fact]
    public async Task Consume_NoTimestamp_TakesTheSpansStart()
    {
        var span = await EnrichmentRun.EnrichAsync(new SpanBuilder("x").At(1_716_249_600_123_999_999, 1).Build());
        Assert.Equal(1_716_249_600_123, span.Get("ts_ms")!.IntValue);
    }

    [Fact]
    public async Task Consume_ValueWithoutForm_IsKeptAndCounted()
    {
        await using var run = await EnrichmentRun.StartAsync();
        var span = (await run.SendAsync(EnrichmentRun.Request(new SpanBuilder("x").With("risk_score", "high").Build())))
            .ResourceSpans[0].ScopeSpans[0].Spans[0];

        Assert.Equal("high", span.Text("risk_score"));
        Assert.Equal(1, run.Harness.Metric("otelcol_processor_financial_enrichment_failed_conversions", "key=\"risk_score\""));
    }

    [Theory]
    [InlineData("success", null, false, "OK")]
    [InlineData("FAILED", null, false, "FAILED")]
    [InlineData("timeout", null, false, "FAILED")]
    [InlineData("reject", null, false, "FAILED")]
    [InlineData(null, "ERR_X", false, "FAILED")]
    [InlineData(null, "INFO", false, "OK")]
    [InlineData("success", null, true, "FAILED")]
    [InlineData(null, null, false, "OK")]
    public async Task Consume_StatusAndCode_GiveOneVerdict(string? status, string? code, bool failed, string verdict)
    {
        var span = new SpanBuilder("x");
        _ = status is null ? span : span.With("status", status);
        _ = code is null ? span : span.With("code", code);
        _ = failed ? span.Failed() : span;

        Assert.Equal(verdict, (await EnrichmentRun.EnrichAsync(span.Build())).Text("biz.outcome"));
    }

    [Fact]
    public async Task Consume_TransferOf17Nodes_EverySpanHasItsNodeAndNothingIsLost()
    {
        var request = new TransferTraces().Request(3, failing: true);
        foreach (var span in request.ResourceSpans.SelectMany(static r => r.ScopeSpans[0].Spans))
        {
            span.Attributes.Remove(span.Attributes.Single(a => a.Key == "node_type"));
        }

        await using var run = await EnrichmentRun.StartAsync();
        var enriched = await run.SendAsync(request);

        Assert.Equal(17, enriched.ResourceSpans.Count);
        Assert.All(enriched.ResourceSpans.Zip(TransferNode.All), static pair =>
        {
            Assert.Equal(pair.Second.Service, pair.First.Resource.Attributes.Single(a => a.Key == "node_name").Value.StringValue);
            Assert.All(pair.First.ScopeSpans[0].Spans, span => Assert.Equal(pair.Second.NodeType, span.Text("node_type")));
        });
        Assert.Equal(51, enriched.ResourceSpans.Sum(static r => r.ScopeSpans[0].Spans.Count));
    }

    private static AnyValue Text(string text) => new() { StringValue = text };
}
