using System.Linq;
using System.Text.Json;
using TelemetryPipeline.TestSupport;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests.Alerting;

/// <summary>Our collector, a real Alertmanager and a real Prometheus.</summary>
public sealed class AlertmanagerTests
{
    // Scenario: 200 transfers fail at the ledger within a moment, and then are put right.
    // Guarantees: one alert with the labels of the cause; on call is told once that it fires, and that it is over.
    [Fact]
    public async Task Burst_OfInsufficientBalance_IsOneAlertThatResolves()
    {
        Assert.SkipWhen(MonitoringServers.IsMissing, MonitoringServers.MissingReason);
        await using var stack = new AlertingStack();
        await stack.StartAlertmanagerAsync();
        await using var collector = await CollectorProcess.StartAsync(stack.CollectorConfig());
        for (var i = 0; i < 200; i += 20)
        {
            await stack.SendAsync(collector, Enumerable.Range(i + 1, 20).Select(static n => new AttributionRecord(n).At(NowNs())));
        }

        await collector.WaitUntilAsync(async () => (await stack.AlertsAsync()).Length > 0, "has told Alertmanager");
        var alert = Assert.Single(await stack.AlertsAsync());
        Assert.Equal(
            "alertname=insufficient_balance, category=funding, cluster=north, code=ERR_INSUFFICIENT_BALANCE, priority=P0, "
            + "root_cause=account_balance_insufficient, service=balance-ledger, tenant=bank-a",
            string.Join(", ", alert.GetProperty("labels").EnumerateObject().Select(static l => $"{l.Name}={l.Value}").Order(StringComparer.Ordinal)));
        Assert.StartsWith("https://traces.bank.example/0000", alert.GetProperty("generatorURL").GetString(), StringComparison.Ordinal);
        Assert.Contains("n1->>n2: POST /transfers", alert.GetProperty("annotations").GetProperty("diagram").GetString(), StringComparison.Ordinal);
        await collector.WaitUntilAsync(() => Task.FromResult(Told(stack, "firing").Any()), "has had on call told");

        await stack.SendAsync(collector, Enumerable.Range(1, 200).Select(static n => new AttributionRecord(n).At(NowNs()).Resolved()));

        await collector.WaitUntilAsync(() => Task.FromResult(Told(stack, "resolved").Any()), "has had on call told of the end");
        await collector.WaitUntilAsync(async () => (await stack.AlertsAsync()).Length == 0, "has ended the alert");
        Assert.Single(Told(stack, "resolved").SelectMany(static c => c.GetProperty("alerts").EnumerateArray()));
        Assert.Contains("otelcol_exporter_alerts_notifications{exporter=\"alerts\",receiver=\"am\",status=\"resolved\"} 1", await stack.MetricsAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await collector.StopAsync());
    }

    // Scenario: the same from spans: 17 services send 100 failing transfers to the attributor with its shipped rules.
    // Guarantees: one alert of insufficient balance that names ledger, path and customers, and ends by itself.
    [Fact]
    public async Task Spans_OfFailingTransfers_BecomeOneAlertOfInsufficientBalance()
    {
        Assert.SkipWhen(MonitoringServers.IsMissing, MonitoringServers.MissingReason);
        await using var stack = new AlertingStack();
        await stack.StartAlertmanagerAsync();
        var config = stack.CollectorConfig("resolve_timeout: 10s").Replace(
            "    logs: {receivers: [otlp], exporters: [alerts]}",
            "    traces: {receivers: [otlp], exporters: [anomaly_attribution]}\n    logs: {receivers: [anomaly_attribution], exporters: [alerts]}",
            StringComparison.Ordinal);
        await using var collector = await CollectorProcess.StartAsync("connectors:\n  anomaly_attribution:\n    query: {enabled: false}\n" + config);
        var traces = new TransferTraces();
        for (var i = 0; i < 10; i++)
        {
            await stack.SendAsync(collector, "v1/traces", traces.Request(10, failing: true));
        }

        await collector.WaitUntilAsync(async () => (await BalanceAsync(stack)).Length > 0, "has told Alertmanager");
        var alert = Assert.Single(await BalanceAsync(stack));
        var labels = alert.GetProperty("labels");
        Assert.Equal(("balance-ledger", "bank-a"), (labels.GetProperty("service").GetString(), labels.GetProperty("tenant").GetString()));
        var annotations = alert.GetProperty("annotations");
        Assert.EndsWith("balance-ledger", annotations.GetProperty("path").GetString(), StringComparison.Ordinal);
        Assert.Contains("ERR_INSUFFICIENT_BALANCE", annotations.GetProperty("diagram").GetString(), StringComparison.Ordinal);
        await collector.WaitUntilAsync(async () => (await BalanceAsync(stack)).Length == 0, "has ended the alert");
        Assert.Equal(0, await collector.StopAsync());
    }

    // Scenario: Alertmanager is away while events come; the collector is killed; both come back.
    // Guarantees: what was accepted on disk is told, though the process that took it is gone.
    [Fact]
    public async Task Kill_WhileAlertmanagerIsAway_TellsWhatWasAcceptedAfterwards()
    {
        Assert.SkipWhen(MonitoringServers.IsMissing, MonitoringServers.MissingReason);
        await using var stack = new AlertingStack();
        var config = "extensions:\n  file_storage: {directory: ./queue, create_directory: true, fsync: always}\n"
            + stack.CollectorConfig("sending_queue: {storage: file_storage}", "extensions: [file_storage]");
        var first = await CollectorProcess.StartAsync(config);
        await stack.SendAsync(first, new AttributionRecord(1).At(NowNs()), new AttributionRecord(2).At(NowNs()).With("tenant.id", "bank-b"));
        await first.WaitUntilAsync(async () => (await stack.MetricsAsync()).Contains("otelcol_exporter_alerts_notification_retries", StringComparison.Ordinal), "has tried to tell");

        await using var second = await first.KillAndStartAgainAsync();
        await first.DisposeAsync();
        await stack.StartAlertmanagerAsync();

        await second.WaitUntilAsync(async () => (await stack.AlertsAsync()).Length == 2, "tells both alerts");
        await second.WaitUntilAsync(async () => (await stack.MetricsAsync()).Contains("otelcol_exporter_sent_log_records{exporter=\"alerts\"} 2", StringComparison.Ordinal), "lets go of the events");
        Assert.Equal(0, await second.StopAsync());
    }

    // Scenario: Prometheus scrapes the collector; a faulty configuration is put in its place, and foreign logs come.
    // Guarantees: our rule file fires on what the collector says of itself, and Alertmanager is told by Prometheus.
    [Fact]
    public async Task Prometheus_WithOurRules_FiresOnTheCollectorsMetrics()
    {
        Assert.SkipWhen(MonitoringServers.IsMissing, MonitoringServers.MissingReason);
        await using var stack = new AlertingStack();
        await stack.StartAlertmanagerAsync();
        await using var collector = await CollectorProcess.StartAsync(stack.CollectorConfig());
        var rules = Path.Combine(RepositoryRoot.Path, "deploy", "prometheus", "telemetry-pipeline.rules.yml");
        await using var prometheus = await MonitoringServers.StartPrometheusAsync(stack.PrometheusPort, stack.Folder, $$"""
            global: {scrape_interval: 1s, evaluation_interval: 1s}
            rule_files: ["{{rules}}"]
            alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:{{stack.AlertmanagerPort}}"]}]}]}
            scrape_configs: [{job_name: telemetry-pipeline, static_configs: [{targets: ["127.0.0.1:{{stack.MetricsPort}}"]}]}]
            """);

        await stack.SendAsync(collector, new AttributionRecord(1).Named("something.else"));
        await prometheus.WaitUntilAsync(async () => (await stack.PrometheusAlertsAsync()).Contains("TelemetryPipelineDropsData"), "fires on dropped data");
        Assert.DoesNotContain("TelemetryPipelineReloadFailed", await stack.PrometheusAlertsAsync());
        collector.ReplaceConfig("exporters: {alerts: {no_such_key: 1} }\n");
        await prometheus.WaitUntilAsync(async () => (await stack.PrometheusAlertsAsync()).Contains("TelemetryPipelineReloadFailed"), "fires on a failed reload");
        await prometheus.WaitUntilAsync(
            async () => (await stack.AlertsAsync()).Any(static a => a.GetProperty("labels").GetProperty("alertname").GetString() == "TelemetryPipelineReloadFailed"),
            "tells Alertmanager");
    }

    private static async Task<JsonElement[]> BalanceAsync(AlertingStack stack) =>
        [.. (await stack.AlertsAsync()).Where(static a => a.GetProperty("labels").GetProperty("alertname").GetString() == "insufficient_balance")];

    private static IEnumerable<JsonElement> Told(AlertingStack stack, string status) =>
        stack.OnCall.Calls.Where(c => c.GetProperty("status").GetString() == status);

    private static ulong NowNs() => (ulong)(TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalNanoseconds;
}
