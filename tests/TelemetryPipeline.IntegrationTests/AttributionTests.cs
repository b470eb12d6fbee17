using System.Linq;
using System.Text.Json;
using Google.Protobuf;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.TestSupport.Processes;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.IntegrationTests;

/// <summary>Attribution in a whole collector, from a transfer that fails to the event in a file.</summary>
public sealed class AttributionTests
{
    private const string Rule = """
        - id: RULE
          when: {span.status: FAILED, span.code: ERR_INSUFFICIENT_BALANCE}
          then: {category: funding, root_cause: account_balance_insufficient, priority: P0, notify: [fund-ops]}
        """;

    // Scenario: transfers over 17 services, one of which fails at the ledger; spans come service by service.
    // Guarantees: one event whose newest revision has the way from the client to the ledger, and marked spans.
    [Fact]
    public async Task FailingTransfer_BecomesAnEventWithItsChain()
    {
        var port = FreePorts.Take(1)[0];
        await using var collector = await CollectorProcess.StartAsync(Config(port));
        var traces = new TransferTraces();
        await SendAsync(collector, traces.Request(5));
        var failing = traces.Request(1, failing: true);
        foreach (var service in failing.ResourceSpans)
        {
            await SendAsync(collector, new() { ResourceSpans = { service } });
        }

        using var client = new HttpClient();
        var page = await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/api/rules"), TestContext.Current.CancellationToken);
        var rule = JsonDocument.Parse(page).RootElement.GetProperty("rules").EnumerateArray().Single(r => r.GetProperty("id").GetString() == "insufficient_balance");
        Assert.Equal(1, rule.GetProperty("hits").GetInt64());
        Assert.Equal(0, await collector.StopAsync());

        var received = ReceivedTelemetry.Read(collector.PathOf(TestConfigs.OutputFile));
        var events = received.Logs.Where(l => l.Text("anomaly.rule_id") == "insufficient_balance").ToList();
        Assert.Single(events.Select(e => e.Text("anomaly.event_id")).Distinct());
        var newest = events.MaxBy(e => e.Integer("anomaly.revision"))!;
        Assert.Equal("balance-ledger", newest.Service);
        Assert.Equal("client-terminal > mobile-bank-gateway > transfer-orchestrator > account-core > balance-ledger", newest.Text("anomaly.path"));
        Assert.True(newest.Attribute("anomaly.chain_complete").GetProperty("boolValue").GetBoolean());
        Assert.Equal(102, received.Spans.Count);
        var marked = Assert.Single(received.Spans, s => s.Text("anomaly.rule_id") == "insufficient_balance");
        Assert.Equal("account_balance_insufficient", marked.Text("anomaly.root_cause"));
    }

    // Scenario: a rule file is replaced while the collector runs, first by a faulty one.
    // Guarantees: the former rules stay in force, the collector says why, and the next right file is taken.
    [Fact]
    public async Task RuleFile_IsReplaced_TakesOverWithoutARestart()
    {
        var port = FreePorts.Take(1)[0];
        var folder = Directory.CreateTempSubdirectory("rules").FullName;
        try
        {
            var file = Path.Combine(folder, "rules.yaml");
            await File.WriteAllTextAsync(file, Rule.Replace("RULE", "first", StringComparison.Ordinal), TestContext.Current.CancellationToken);
            await using var collector = await CollectorProcess.StartAsync(Config(port, $"rules_file: '{file}', reload_interval: 1s,"));
            await File.WriteAllTextAsync(file, "- id: broken\n  when: {a: [}\n", TestContext.Current.CancellationToken);
            await UntilAsync(port, json => !json.GetProperty("last_reload").GetProperty("ok").GetBoolean());
            await SendAsync(collector, new TransferTraces(1).Request(1, failing: true));
            await File.WriteAllTextAsync(file, Rule.Replace("RULE", "second", StringComparison.Ordinal), TestContext.Current.CancellationToken);
            await UntilAsync(port, json => json.GetProperty("rules")[0].GetProperty("id").GetString() == "second");
            await SendAsync(collector, new TransferTraces(2).Request(1, failing: true));
            Assert.Equal(0, await collector.StopAsync());

            var events = ReceivedTelemetry.Read(collector.PathOf(TestConfigs.OutputFile)).Logs;
            Assert.Equal(["first", "second"], events.Select(e => e.Text("anomaly.rule_id")).Distinct());
            Assert.Contains("keeping the previous rules", collector.Output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Config(int port, string settings = "") => $$"""
        processors:
          anomaly_attribution:
        connectors:
          anomaly_attribution: { {{settings}} quiet_time: 200ms, query: {endpoint: "127.0.0.1:{{port}}"} }
        exporters:
          file: {path: {{TestConfigs.OutputFile}}, append: true}
        service:
          telemetry: {metrics: {level: none} }
          pipelines:
            traces: {receivers: [otlp], processors: [anomaly_attribution], exporters: [anomaly_attribution, file]}
            logs/anomalies: {receivers: [anomaly_attribution], exporters: [file]}
        """;

    private static async Task UntilAsync(int port, Func<JsonElement, bool> holds)
    {
        using var client = new HttpClient();
        await Until.TrueAsync(async () =>
        {
            var page = await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/api/rules"), TestContext.Current.CancellationToken);
            return holds(JsonDocument.Parse(page).RootElement);
        });
    }

    private static async Task SendAsync(CollectorProcess collector, OpenTelemetry.Proto.Collector.Trace.V1.ExportTraceServiceRequest request)
    {
        using var client = new HttpClient();
        using var content = new ByteArrayContent(request.ToByteArray());
        content.Headers.ContentType = new("application/x-protobuf");
        using var answer = await client.PostAsync(new Uri(collector.HttpEndpoint, "v1/traces"), content, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
