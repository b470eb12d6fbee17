using System.Linq;
using System.Text.Json;
using TelemetryPipeline.Attribution;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.TestSupport;
using TelemetryPipeline.Tests.Processors;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Attribution;

public sealed class ConnectorTests : IConsumer, IDisposable
{
    private readonly ProcessorHarness _surroundings = new(Signal.Traces);
    private readonly AttributionHarness _spans = new();
    private readonly List<EventRecord> _events = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("rules").FullName;
    private ConsumeResult _answer = ConsumeResult.Accepted;
    private TaskCompletionSource? _held;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ConsumeAsync_FailingSpan_HandsTheEventOnBeforeItReturns()
    {
        var connector = await StartAsync("{}");
        await SendAsync(connector, 1);

        Assert.Equal("insufficient_balance", Assert.Single(_events, e => e.Text("anomaly.scope") == "span").RuleId);
        Assert.Equal(_events.Count, _surroundings.Metric("otelcol_connector_anomaly_attribution_sent_events"));
        await connector.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Tick_NextPipelineIsFullForAWhile_HandsOnInOrderLater()
    {
        var connector = await StartAsync(WithRules());
        _answer = ConsumeResult.Retry("queue_full", "later");
        for (var trace = 1UL; trace <= 3; trace++)
        {
            await SendAsync(connector, trace);
        }

        connector.Tick();
        Assert.Empty(_events);
        Assert.Equal(3, _surroundings.Metric("otelcol_connector_anomaly_attribution_pending_events"));
        _answer = ConsumeResult.Accepted;
        connector.Tick();

        Assert.Equal([1, 2, 3], _events.Select(e => (int)e.Record.TraceId[^1]));
        await connector.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task ConsumeAsync_NextPipelineBlocks_DoesNotHoldUpSpans()
    {
        var connector = await StartAsync(WithRules("event_queue_size: 2"));
        _held = new TaskCompletionSource();
        for (var trace = 1UL; trace <= 3; trace++)
        {
            await SendAsync(connector, trace);
        }

        Assert.Equal(2, _surroundings.Metric("otelcol_connector_anomaly_attribution_pending_events"));
        Assert.Equal(1, _surroundings.Metric("otelcol_connector_anomaly_attribution_dropped_events", "reason=\"queue_full\""));
        _held.SetResult();

        // What is under way may be settled only after the stop has begun, which then waits by the clock.
        var stopping = connector.StopAsync(CancellationToken.None);
        await Until.TrueAsync(() => stopping.IsCompleted, () => _surroundings.Time.Advance(TimeSpan.FromMilliseconds(20)));

        await stopping;
    }

    [Fact]
    public async Task ConsumeAsync_QueueIsFull_DropsAndCounts()
    {
        var connector = await StartAsync(WithRules("event_queue_size: 2"));
        _answer = ConsumeResult.Retry("queue_full", "later");
        for (var trace = 1UL; trace <= 5; trace++)
        {
            await SendAsync(connector, trace);
        }

        Assert.Equal(3, _surroundings.Metric("otelcol_connector_anomaly_attribution_dropped_events", "reason=\"queue_full\""));
        _answer = ConsumeResult.Accepted;
        await connector.StopAsync(CancellationToken.None);
        Assert.Equal(2, _events.Count);
    }

    [Fact]
    public async Task ConsumeAsync_NextPipelineRefuses_CountsWithItsReason()
    {
        var connector = await StartAsync(WithRules());
        _answer = ConsumeResult.Rejected("no_such_index", "gone", 1);
        await SendAsync(connector, 1);

        Assert.Equal(1, _surroundings.Metric("otelcol_connector_anomaly_attribution_dropped_events", "reason=\"no_such_index\""));
        await connector.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task StopAsync_NextPipelineNeverTakes_ReturnsAtTheLimitAndCounts()
    {
        var connector = await StartAsync(WithRules());
        _answer = ConsumeResult.Retry("queue_full", "later");
        await SendAsync(connector, 1);
        using var limit = new CancellationTokenSource();
        var stopping = connector.StopAsync(limit.Token);
        await limit.CancelAsync();
        await stopping;

        Assert.Equal(1, _surroundings.Metric("otelcol_connector_anomaly_attribution_dropped_events", "reason=\"shutdown\""));
    }

    [Fact]
    public async Task StopAsync_OpenTraces_AreDecidedAndHandedOn()
    {
        var connector = await StartAsync(WithRules());
        await SendAsync(connector, 1);
        using var batch = OtlpPayloads.Batch(AttributionHarness.Request(("gateway", _spans.Span("transfer", 1, 2).Build())));
        await connector.ConsumeAsync(batch, CancellationToken.None);
        Assert.Single(_events);
        await connector.StopAsync(CancellationToken.None);

        Assert.Equal([2UL, 1], _events[^1].Chain.Select(s => s.SpanId));
    }

    [Fact]
    public async Task Reload_FaultyFile_KeepsTheFormerRulesAndSaysWhy()
    {
        var connector = await StartAsync(WithRules());
        await File.WriteAllTextAsync(RulesFile, "- id: broken\n  when: {span.status: [}\n", TestContext.Current.CancellationToken);
        connector.Reload();
        await SendAsync(connector, 1);

        Assert.Single(_events);
        Assert.Equal(1, _surroundings.Metric("otelcol_connector_anomaly_attribution_rule_reloads", "outcome=\"failure\""));
        var page = await AskAsync(connector);
        Assert.False(page.GetProperty("last_reload").GetProperty("ok").GetBoolean());
        Assert.Contains(RulesFile, page.GetProperty("last_reload").GetProperty("errors")[0].GetString(), StringComparison.Ordinal);

        await File.WriteAllTextAsync(
            RulesFile, AttributionHarness.InsufficientBalance.Replace("insufficient_balance", "renamed", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        connector.Reload();
        await SendAsync(connector, 2);
        Assert.Equal("renamed", _events[^1].RuleId);
        page = await AskAsync(connector);
        Assert.True(page.GetProperty("last_reload").GetProperty("ok").GetBoolean());
        await connector.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task ApiRules_ShowsEachRuleWithItsHits()
    {
        var connector = await StartAsync(WithRules());
        await SendAsync(connector, 1);
        await SendAsync(connector, 2);

        var rule = (await AskAsync(connector)).GetProperty("rules")[0];
        Assert.Equal("insufficient_balance", rule.GetProperty("id").GetString());
        Assert.Equal("active", rule.GetProperty("status").GetString());
        Assert.Equal(2, rule.GetProperty("hits").GetInt64());
        Assert.Equal(2, rule.GetProperty("events").GetInt64());
        Assert.Equal(RulesFile, rule.GetProperty("file").GetString());
        Assert.Equal(_surroundings.Time.GetUtcNow(), rule.GetProperty("last_hit").GetDateTimeOffset());
        await connector.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task StartAsync_FaultyRules_SaysWhereAndDoesNotStart()
    {
        await File.WriteAllTextAsync(RulesFile, "- id: broken\n  then: {}\n", TestContext.Current.CancellationToken);
        var connector = Create($"{{rules_file: '{RulesFile}', query: {{enabled: false}}}}");
        var problem = await Assert.ThrowsAsync<ComponentStartException>(() => connector.StartAsync(CancellationToken.None));
        Assert.Contains($"{RulesFile}:", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{decision_wait: 0s}", "decision_wait")]
    [InlineData("{decision_wait: 1h}", "decision_wait")]
    [InlineData("{max_traces: 3}", "max_traces")]
    [InlineData("{max_bytes: 1}", "max_bytes")]
    [InlineData("{reload_interval: 10ms}", "reload_interval")]
    [InlineData("{rules_file: ''}", "rules_file")]
    [InlineData("{query: {endpoint: nowhere}}", "query::endpoint")]
    [InlineData("{windows: {max_trace: 1}}", "max_trace")]
    [InlineData("{decision: 1s}", "decision")]
    public void ReadConfig_WrongSetting_IsNamed(string yaml, string key)
    {
        var (_, errors) = Read(yaml);
        Assert.Contains(key, Assert.Single(errors), StringComparison.Ordinal);
    }

    public async ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation)
    {
        await (_held?.Task ?? Task.CompletedTask);
        if (_answer.IsAccepted)
        {
            _events.AddRange(EventRecord.Of(OtlpPayloads.Logs(batch)));
        }

        return _answer;
    }

    private string RulesFile => Path.Combine(_folder, "rules.yaml");

    private static (AnomalyAttributionConfig Config, IReadOnlyList<string> Errors) Read(string yaml)
    {
        Assert.True(YamlReader.TryRead(yaml, "test", out var node, out var error), error?.ToString());
        var errors = new ConfigErrors();
        var section = new ConfigSection(node, default, "connectors::anomaly_attribution", errors);
        var config = (AnomalyAttributionConfig)new AnomalyAttributionFactory().ReadConfig(section);
        section.Finish();
        return (config, [.. errors.Sorted().Select(e => e.ToString())]);
    }

    private string WithRules(string more = "reload_interval: 0s")
    {
        File.WriteAllText(RulesFile, AttributionHarness.InsufficientBalance);
        return $"{{rules_file: '{RulesFile}', query: {{endpoint: 'localhost:0'}}, {more}}}";
    }

    private AnomalyAttributionConnector Create(string yaml)
    {
        var (config, errors) = Read(yaml);
        Assert.Empty(errors);
        _surroundings.Time.SetUtcNow(_spans.Time.GetUtcNow());
        var outlet = new Outlet();
        outlet.ConnectAsync(this);
        return (AnomalyAttributionConnector)new AnomalyAttributionFactory().Create(
            _surroundings.Context("anomaly_attribution"), config, [new Outlet(), new Outlet(), outlet]);
    }

    private async Task<AnomalyAttributionConnector> StartAsync(string yaml)
    {
        var connector = Create(yaml == "{}" ? "{query: {enabled: false}}" : yaml);
        await connector.StartAsync(CancellationToken.None);
        return connector;
    }

    private async Task SendAsync(AnomalyAttributionConnector connector, ulong trace)
    {
        using var batch = OtlpPayloads.Batch(AttributionHarness.Request(("balance-ledger", _spans.Refused(trace, 1, 2).Build())));
        Assert.True((await connector.ConsumeAsync(batch, CancellationToken.None)).IsAccepted);
    }

    private static async Task<JsonElement> AskAsync(AnomalyAttributionConnector connector)
    {
        using var client = new HttpClient();
        using var json = JsonDocument.Parse(await client.GetStringAsync(new Uri($"http://{connector.QueryAddress}/api/rules")));
        return json.RootElement.Clone();
    }
}
