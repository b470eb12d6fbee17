using System.Linq;
using System.Text.Json.Nodes;
using TelemetryPipeline.Exporters.Elasticsearch;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Elasticsearch;

/// <summary>How the versions differ, as their documentation says; the integration tests show it for a real OpenSearch.</summary>
public sealed class ServerVersionTests : IAsyncLifetime
{
    private readonly ExporterHarness _harness = new();
    private ScriptedCluster _cluster = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await ScriptedCluster.StartAsync();

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    [Theory]
    [InlineData("7.17.9", "", false, false)]
    [InlineData("8.11.4", "", false, false)]
    [InlineData("8.15.0", "", false, true)]
    [InlineData("9.1.0", "", false, true)]
    [InlineData("2.4.1", "opensearch", false, false)]
    [InlineData("7.17.9", "", true, true)]
    [InlineData("8.15.0", "", true, true)]
    [InlineData("9.1.0", "", true, true)]
    [InlineData("2.4.1", "opensearch", true, false)]
    public async Task Send_HeatmapFrame_IsAHistogramWhereTheVersionHasThem(
        string version, string distribution, bool templates, bool asHistogram)
    {
        (_cluster.Version, _cluster.Distribution) = (version, distribution);
        using var sender = Sender($"templates: {{enabled: {(templates ? "true" : "false")}}}");
        using var batch = OtlpPayloads.Batch(ElasticsearchData.Metrics(ElasticsearchData.HeatmapFrame()));
        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        var (action, document) = Assert.Single(Assert.Single(_cluster.Bulks).Lines);
        var histogram = document["metrics"]!["latency.heatmap"]!.AsObject();
        Assert.Equal(asHistogram ? "histogram" : null, (string?)action["dynamic_templates"]?["metrics.latency.heatmap"]);
        Assert.Equal(!asHistogram, histogram.ContainsKey("p99"));

        // The built-in templates of 8.12 and later make time series of metrics, which choose ids themselves.
        Assert.Equal(asHistogram && !templates, !action.ContainsKey("_id"));
        Assert.Equal(asHistogram && !templates, document.ContainsKey("_metric_names_hash"));
    }

    [Theory]
    [InlineData("7.17.9", "", "/_ilm/policy/telemetry-pipeline", false, "constant_keyword")]
    [InlineData("8.15.0", "", "/_ilm/policy/telemetry-pipeline", true, "constant_keyword")]
    [InlineData("9.1.0", "", "/_ilm/policy/telemetry-pipeline", true, "constant_keyword")]
    [InlineData("2.11.0", "opensearch", "/_plugins/_ism/policies/telemetry-pipeline", false, "keyword")]
    public async Task Start_TemplatesEnabled_InstallsWhatTheVersionUnderstands(
        string version, string distribution, string lifecycle, bool hasFlatNames, string constant)
    {
        (_cluster.Version, _cluster.Distribution) = (version, distribution);
        using var sender = Sender("templates: {enabled: true, ingest_timestamp: true}, dead_letter_index: dead");
        await sender.StartAsync(Cancel);
        using var batch = OtlpPayloads.Batch(new TransferTraces().Request(1));
        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        Assert.Equal(
            new[]
            {
                "/_index_template/telemetry-pipeline-dead-letters", "/_index_template/telemetry-pipeline-logs",
                "/_index_template/telemetry-pipeline-metrics", "/_index_template/telemetry-pipeline-traces",
                "/_ingest/pipeline/telemetry-pipeline", lifecycle,
            }.Order(StringComparer.Ordinal),
            _cluster.Installed.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("180d", _cluster.Installed[lifecycle], StringComparison.Ordinal);
        var template = JsonNode.Parse(_cluster.Installed["/_index_template/telemetry-pipeline-traces"])!;
        Assert.Equal("traces-*.otel-*", (string)template["index_patterns"]![0]!);
        var properties = template["template"]!["mappings"]!["properties"]!;
        Assert.Equal(hasFlatNames, properties["attributes"]!.AsObject().ContainsKey("subobjects"));
        Assert.Equal(constant, (string)properties["data_stream"]!["properties"]!["type"]!["type"]!);
        Assert.Equal(
            distribution.Length == 0,
            template["template"]!["settings"]!["index"]!.AsObject().ContainsKey("lifecycle.name"));
        await sender.StopAsync(Cancel);
    }

    [Fact]
    public async Task Send_TemplatesCannotBeInstalledYet_WaitsForThem()
    {
        _cluster.InstallStatus = static _ => 503;
        using var sender = Sender("templates: {enabled: true}");
        using var batch = OtlpPayloads.Batch(new TransferTraces().Request(1));
        Assert.Equal(ConsumeOutcome.Retry, (await sender.SendAsync(batch, Cancel)).Outcome);
        Assert.Empty(_cluster.Bulks);
    }

    [Fact]
    public async Task Send_TemplatesForbidden_SaysSoAndGoesOn()
    {
        _cluster.InstallStatus = static path => path.StartsWith("/_ilm", StringComparison.Ordinal) ? 403 : 200;
        using var sender = Sender("templates: {enabled: true}");
        using var batch = OtlpPayloads.Batch(new TransferTraces().Request(1));
        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        Assert.Contains(_harness.Logs, static l => l.Contains("Installing /_ilm/policy", StringComparison.Ordinal));
        Assert.DoesNotContain("lifecycle.name", _cluster.Installed["/_index_template/telemetry-pipeline-traces"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_AfterAnOutageAnotherCluster_InstallsAgain()
    {
        using var sender = Sender("templates: {enabled: true}");
        using var batch = OtlpPayloads.Batch(new TransferTraces().Request(1));
        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        _cluster.Whole = static _ => (503, "", null);
        Assert.Equal(ConsumeOutcome.Retry, (await sender.SendAsync(batch, Cancel)).Outcome);
        (_cluster.ClusterId, _cluster.Version, _cluster.Distribution, _cluster.Whole) = ("c2", "2.4.1", "opensearch", static _ => null);
        _cluster.Installed.Clear();
        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        Assert.Contains("/_plugins/_ism/policies/telemetry-pipeline", _cluster.Installed.Keys);
    }

    [Theory]
    [InlineData(403, """{"error":{"type":"security_exception","reason":"no monitor privilege"}}""", ConsumeOutcome.Accepted, "")]
    [InlineData(404, "", ConsumeOutcome.Accepted, "")]
    [InlineData(401, "", ConsumeOutcome.Rejected, "unauthenticated")]
    [InlineData(503, "", ConsumeOutcome.Retry, "unavailable")]
    [InlineData(200, "<html>captive portal</html>", ConsumeOutcome.Retry, "not_a_cluster")]
    [InlineData(200, """{"version":{"number":"eight"}}""", ConsumeOutcome.Retry, "not_a_cluster")]
    public async Task Send_ServerThatDoesNotSayWhatItIs_IsWrittenToOnlyWhereItLetsUs(
        int status, string body, ConsumeOutcome outcome, string reason)
    {
        _cluster.RootAnswer = (status, body);
        using var sender = Sender();
        using var batch = OtlpPayloads.Batch(new TransferTraces().Request(1));
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal((outcome, reason), (result.Outcome, result.Reason));
        Assert.Equal(outcome == ConsumeOutcome.Rejected ? 17 : 0, result.RejectedCount);
    }

    private ElasticsearchSender Sender(string settings = "") => new(
        _harness.Context("elasticsearch"),
        ExporterHarness.Config<ElasticsearchConfig>(
            new ElasticsearchFactory(), $"{{endpoint: 'http://127.0.0.1:{_cluster.Port}', {settings}}}"));
}
