using System.Linq;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.FinancialEnrichment;

public sealed class ValidationTests
{
    [Theory]
    [InlineData("biz.order_no", "TRD20240521000004567", null)]
    [InlineData("biz.order_no", "TRD20240231000004567", "order_no")]
    [InlineData("biz.order_no", "trd20240521000004567", "order_no")]
    [InlineData("biz.reserve_account", "PBOC-00123-20240521-00001", null)]
    [InlineData("biz.reserve_account", "PBOC-00123-20241321-00001", "reserve_account")]
    [InlineData("biz.reserve_account", "PBOC-0012-20240521-00001", "reserve_account")]
    [InlineData("currency", "CNY", null)]
    [InlineData("currency", "RMB", "currency")]
    [InlineData("ts_ms", "yesterday", "timestamp")]
    [InlineData("amount", "many", "amount")]
    public async Task Consume_WrongForm_IsNamed(string key, string value, string? rule)
    {
        var span = await EnrichmentRun.EnrichAsync(Span("x").With(key, value).Build());

        Assert.Equal(value, span.Text(key));
        Assert.Equal(rule, Errors(span));
    }

    [Fact]
    public async Task Consume_SeveralErrors_AreListedAndCountedEach()
    {
        await using var run = await EnrichmentRun.StartAsync();
        var request = EnrichmentRun.Request(Span("x").With("currency", "RMB").With("biz.order_no", "1").Build());

        var span = (await run.SendAsync(request)).ResourceSpans[0].ScopeSpans[0].Spans[0];

        Assert.Equal("order_no,currency", Errors(span));
        Assert.Equal(1, run.Harness.Metric("otelcol_processor_financial_enrichment_validation_errors", "rule=\"currency\""));
        Assert.Equal(2, run.Harness.Metric("otelcol_processor_financial_enrichment_validation_errors"));
    }

    [Fact]
    public async Task Consume_Redact_ReplacesTheValue()
    {
        var span = await EnrichmentRun.EnrichAsync(Span("x").With("currency", "RMB").Build(), "validate: {action: redact}");
        Assert.Equal("[REDACTED]", span.Text("currency"));
        Assert.Equal("currency", Errors(span));
    }

    [Fact]
    public async Task Consume_Drop_TakesTheSpanAloneAndCountsIt()
    {
        await using var run = await EnrichmentRun.StartAsync(
            "validate: {rules: [{name: channel, key: payment_channel, pattern: 'nucc|unionpay', action: drop}]}");
        var request = EnrichmentRun.Request(Span("good").With("payment_channel", "nucc").Build());
        request.ResourceSpans[0].ScopeSpans[0].Spans.Add(Span("bad").With("payment_channel", "nucc2").Build());

        var left = (await run.SendAsync(request)).ResourceSpans[0].ScopeSpans[0].Spans;

        Assert.Equal("good", Assert.Single(left).Name);
        Assert.Equal(1, run.Harness.Metric("otelcol_processor_financial_enrichment_dropped_spans", "reason=\"validation\""));
    }

    [Fact]
    public async Task Consume_EverySpanDropped_EndsHere()
    {
        await using var run = await EnrichmentRun.StartAsync("validate: {action: drop}");
        await run.ConsumeAsync(EnrichmentRun.Request(Span("bad").With("currency", "RMB").Build()));
        Assert.Empty(run.Next.Batches);
    }

    private static SpanBuilder Span(string name) => new SpanBuilder(name).At(TransferTraces.FirstStartNs, 1);

    private static string? Errors(Span span) => span.Get("biz.validation_errors") is { } errors
        ? string.Join(',', errors.ArrayValue.Values.Select(static v => v.StringValue))
        : null;
}
