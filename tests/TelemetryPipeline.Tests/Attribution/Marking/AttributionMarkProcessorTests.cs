using System.Linq;
using OpenTelemetry.Proto.Collector.Trace.V1;
using TelemetryPipeline.Attribution.Marking;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Tests.Processors;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Attribution.Marking;

public sealed class AttributionMarkProcessorTests : IConsumer, IDisposable
{
    private const string Rules = """
        version: 1
        rules:
          - {id: failed, when: {span.status: FAILED}, then: {category: a, root_cause: something, priority: P3}}
          - {id: balance, when: {span.code: ERR_INSUFFICIENT_BALANCE}, then: {category: b, root_cause: no_money, priority: P0}}
          - {id: trial, status: shadow, when: {span.code: ERR_TRIAL}, then: {category: c, root_cause: trial, priority: P0}}
          - {id: burst, when: {x: y}, window: {count: 1, within: 1m}, then: {category: d, root_cause: burst, priority: P0}}
        """;

    private readonly ProcessorHarness _surroundings = new();
    private readonly AttributionHarness _spans = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("rules").FullName;
    private ExportTraceServiceRequest _passed = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ConsumeAsync_SpanThatRulesHit_IsMarkedWithTheMostUrgent()
    {
        await SendAsync(_spans.Refused(1, 1), _spans.Span("a", 1, 2).Failed(), _spans.Span("b", 1, 3), _spans.Span("c", 1, 4).With("x", "y"));

        Assert.Equal(["balance no_money", "failed something", "", ""], Marks());
        Assert.Equal(2, _surroundings.Metric("otelcol_processor_anomaly_attribution_marked_spans"));
    }

    [Theory]
    [InlineData(false, "failed something")]
    [InlineData(true, "trial trial")]
    public async Task ConsumeAsync_RuleOnTrial_MarksWhereAskedTo(bool marksShadow, string expected)
    {
        await SendAsync(marksShadow, _spans.Span("a", 1, 2).With("code", "ERR_TRIAL"));
        Assert.Equal([expected], Marks());
    }

    public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        _passed = OtlpPayloads.Traces(batch);
        return new(ConsumeResult.Accepted);
    }

    private IEnumerable<string> Marks() => _passed.ResourceSpans.SelectMany(r => r.ScopeSpans).SelectMany(s => s.Spans).Select(span => string.Join(
        ' ', span.Attributes.Where(a => a.Key.StartsWith("anomaly.", StringComparison.Ordinal)).Select(a => a.Value.StringValue)));

    private Task SendAsync(params SpanBuilder[] spans) => SendAsync(marksShadow: false, spans);

    private async Task SendAsync(bool marksShadow, params SpanBuilder[] spans)
    {
        var file = Path.Combine(_folder, "rules.yaml");
        await File.WriteAllTextAsync(file, Rules);
        var factory = new AttributionMarkFactory();
        var config = ProcessorHarness.Config<AttributionMarkConfig>(factory, Nodes.Map(("rules_file", file), ("shadow_marks", marksShadow)));
        var processor = factory.Create(_surroundings.Context("anomaly_attribution"), config, this);
        await processor.StartAsync(CancellationToken.None);
        using var batch = OtlpPayloads.Batch(AttributionHarness.Request(spans.Select(s => ("ledger", s.Build()))));
        Assert.True((await processor.ConsumeAsync(batch, CancellationToken.None)).IsAccepted);
        await processor.StopAsync(CancellationToken.None);
    }
}
