using System.Linq;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.FinancialEnrichment;

public sealed class TopologyTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    private string Yaml => $"topology: {{file: \"{_file}\"}}";

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("balance-ledger", "core", "balance-ledger")]
    [InlineData("balance-ledger-v2-blue", "core", "balance-ledger")]
    [InlineData("reserve-account", "reserve", "reserve-account")]
    [InlineData("something-else", null, null)]
    public async Task Consume_ShippedTopology_FindsNodes(string service, string? type, string? name)
    {
        await using var run = await EnrichmentRun.StartAsync();
        var enriched = (await run.SendAsync(EnrichmentRun.Request(new SpanBuilder("x").Build(), ("service.name", service)))).ResourceSpans[0];

        Assert.Equal(type, enriched.ScopeSpans[0].Spans[0].Text("node_type"));
        Assert.Equal(name, enriched.Resource.Attributes.SingleOrDefault(a => a.Key == "node_name")?.Value.StringValue);
        Assert.Equal(type is null ? 1 : 0, run.Harness.Metric("otelcol_processor_financial_enrichment_unknown_node_spans"));
    }

    [Fact]
    public async Task Consume_NodeTypeOfTheSender_Stays()
    {
        var span = await EnrichmentRun.EnrichAsync(new SpanBuilder("x").With("node_type", "mine").Build(), "", ("service.name", "journal"));
        Assert.Equal("mine", span.Text("node_type"));
    }

    [Fact]
    public async Task Consume_TopologyFile_TakesExactThenLongestPrefixThenPattern()
    {
        File.WriteAllText(_file, """
            nodes:
              - {pattern: "^pay-.*-eu$", type: core, name: pay-eu}
              - {prefix: pay-, type: gateway}
              - {prefix: pay-risk-, type: risk}
              - {service: pay-risk-1, type: pboc, name: special}
              - {pattern: "eu$", type: client, name: any-eu}
            """);
        async Task<string?> TypeOf(string service) =>
            (await EnrichmentRun.EnrichAsync(new SpanBuilder("x").Build(), Yaml, ("service.name", service))).Text("node_type");

        Assert.Equal("pboc", await TypeOf("pay-risk-1"));
        Assert.Equal("risk", await TypeOf("pay-risk-2"));
        Assert.Equal("gateway", await TypeOf("pay-x-eu"));
        Assert.Equal("client", await TypeOf("other-eu"));
        Assert.Null(await TypeOf("journal"));
    }

    [Fact]
    public async Task Consume_TopologyFileChanges_IsTakenOverOrTheOldOneStays()
    {
        File.WriteAllText(_file, "nodes: [{service: a, type: core}]");
        var harness = new ProcessorHarness();
        await using var run = await EnrichmentRun.StartAsync(Yaml, harness);
        async Task<string?> TypeAsync() => (await run.SendAsync(EnrichmentRun.Request(new SpanBuilder("x").Build(), ("service.name", "a"))))
            .ResourceSpans[0].ScopeSpans[0].Spans[0].Text("node_type");

        Assert.Equal("core", await TypeAsync());
        File.WriteAllText(_file, "nodes: [{service: a, type: risk}]");
        harness.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("risk", await TypeAsync());
        File.WriteAllText(_file, "nodes: [{service: a}]");
        harness.Time.Advance(TimeSpan.FromSeconds(3));
        harness.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("risk", await TypeAsync());
        Assert.Equal(1, harness.Metric("otelcol_processor_financial_enrichment_file_reloads", "outcome=\"success\""));
        Assert.Equal(1, harness.Metric("otelcol_processor_financial_enrichment_file_reloads", "outcome=\"failure\""));
    }

    [Theory]
    [InlineData("nodes: [{service: a}]", "1:9: nodes::0::type: must be set")]
    [InlineData("nodes: [{service: a, prefix: b, type: c}]", "1:9: nodes::0: must have exactly one of \"service\", \"prefix\" and \"pattern\"")]
    [InlineData("nodes: []", "nodes: must have 1 to 10000 entries, got 0")]
    [InlineData("nodes: [", "not valid YAML")]
    public async Task StartAsync_WrongFile_SaysWhereAndWhy(string content, string problem)
    {
        File.WriteAllText(_file, content);
        var error = await Assert.ThrowsAsync<ComponentStartException>(() => EnrichmentRun.StartAsync(Yaml));
        Assert.StartsWith($"cannot use {_file}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_NoFile_SaysWhich()
    {
        File.Delete(_file);
        var error = await Assert.ThrowsAsync<ComponentStartException>(() => EnrichmentRun.StartAsync(Yaml));
        Assert.StartsWith($"cannot use {_file}: Could not find file", error.Message, StringComparison.Ordinal);
    }
}
