using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.TestSupport.Processes;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.Tests.Processors.FinancialEnrichment;

/// <summary>What enrichment does while its surroundings fail: a precise error at the start, counted degradation later, never a lost span.</summary>
public sealed class DegradationTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("enrichment-").FullName;

    private string Topology => Path.Combine(_folder, "topology.yaml");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task StartAsync_TopologyThatCannotBeRead_SaysWhichAndWhy()
    {
        Directory.CreateDirectory(Topology);
        var error = await Assert.ThrowsAsync<ComponentStartException>(() => EnrichmentRun.StartAsync($"topology: {{file: \"{Topology}\"}}"));
        Assert.StartsWith($"cannot use {Topology}: ", error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Length > $"cannot use {Topology}: ".Length);
    }

    [Fact]
    public async Task Consume_TopologyBecomesUnreadable_KeepsTheOldOneCountsAndLosesNoSpan()
    {
        File.WriteAllText(Topology, "nodes: [{service: a, type: core}]");
        var harness = new ProcessorHarness();
        await using var run = await EnrichmentRun.StartAsync($"topology: {{file: \"{Topology}\"}}", harness);
        File.Delete(Topology);
        Directory.CreateDirectory(Topology);
        harness.Time.Advance(TimeSpan.FromSeconds(3));
        harness.Time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal("core", (await SendAsync(run)).Text("node_type"));
        Assert.Equal(1, run.Next.Items);
        Assert.Equal(1, harness.Metric("otelcol_processor_financial_enrichment_file_reloads", "outcome=\"failure\""));
    }

    [Theory]
    [InlineData("forward")]
    [InlineData("hold, hold_time: 200ms")]
    public async Task Consume_NoRedisAtItsAddress_GoesOnWithoutTheValueAndCounts(string unknown)
    {
        var port = FreePorts.Take(1)[0];
        await using var run = await EnrichmentRun.StartAsync(
            $"lookups: [{{to: biz.reserve_account, from: biz.order_no, redis: {{endpoints: \"127.0.0.1:{port}\", hash: \"o:{{key}}\", field: a, timeout: 200ms}}, unknown: {unknown}}}]");
        var sent = SendAsync(run);
        await Until.TrueAsync(
            () => sent.IsCompleted && run.Harness.Metric("otelcol_processor_financial_enrichment_lookup_failures") >= 1,
            () => run.Harness.Time.Advance(TimeSpan.FromMilliseconds(100)));

        Assert.Null((await sent).Get("biz.reserve_account"));
        Assert.Equal(1, run.Next.Items);
    }

    private static async Task<Span> SendAsync(EnrichmentRun run) =>
        (await run.SendAsync(EnrichmentRun.Request(new SpanBuilder("x").With("biz.order_no", "TRD20240521000000001").Build(), ("service.name", "a"))))
        .ResourceSpans[0].ScopeSpans[0].Spans[0];
}
