using System.Globalization;
using System.Linq;
using System.Text.Json;
using StackExchange.Redis;
using TelemetryPipeline.TestSupport;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests;

/// <summary>The two commands a new user types first do the whole job: <c>./run</c>, with nothing else on the machine.</summary>
public sealed class MainJobTests
{
    private const string Insufficient = "ERR_INSUFFICIENT_BALANCE";

    // The sample's customers are numbered in a region that does not exist, so nothing else looks like them.
    private const string ClearCustomer = "(?<![0-9])990000(19|20)[0-9]{9}[0-9X]";

    [Fact]
    public async Task Run_WithoutServers_EnrichesMeasuresAndAttributesEveryTransfer()
    {
        using var folder = new DemoFolder();
        await using var demo = DemoFolder.Start(folder, []);

        Assert.Equal(0, await demo.WaitForExitAsync());

        AssertFiles(folder);
    }

    /// <remarks>What the files hold is held to the transfers themselves; what the servers hold, to the files.</remarks>
    [Fact]
    public async Task Run_WithServers_ShowsTheSameInRedisAndInOpenSearch()
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        Assert.SkipWhen(OpenSearchNode.MissingReason is not null, OpenSearchNode.MissingReason ?? "");
        using var folder = new DemoFolder();
        await using var demo = DemoFolder.Start(folder, ["--servers"]);

        await demo.WaitForOutputAsync("Everything is sent.", TimeSpan.FromMinutes(6));

        AssertFiles(folder);
        var received = ReceivedTelemetry.Read(folder.File("telemetry.jsonl"));
        var failing = FailingTraces(received, Insufficient);
        await AssertRedisAsync(folder.RedisAddress, received, ReceivedTelemetry.Read(folder.File("heatmap.jsonl")), failing);
        await AssertOpenSearchAsync(folder.OpenSearchAddress, received, failing);
        Assert.Equal(0, await demo.StopAsync());
    }

    private static void AssertFiles(DemoFolder folder)
    {
        var received = ReceivedTelemetry.Read(folder.File("telemetry.jsonl"));
        AssertEnriched(received, folder);
        AssertCellsAddUp(received, ReceivedTelemetry.Read(folder.File("heatmap.jsonl")));
        AssertAttributed(received, ReceivedTelemetry.Read(folder.File("attributions.jsonl")));
    }

    /// <summary>Each transfer without the money for it is one event, from the app down to the ledger.</summary>
    private static void AssertAttributed(ReceivedTelemetry received, ReceivedTelemetry attributions)
    {
        var failing = FailingTraces(received, Insufficient);
        Assert.NotEmpty(failing);
        var events = attributions.Logs.Where(e => e.Text("anomaly.rule_id") == "insufficient_balance").ToList();
        Assert.Equal(failing.Order(), events.Select(e => e["traceId"]).Distinct().Order());
        Assert.Equal(failing.Count, events.Select(e => e.Text("anomaly.event_id")).Distinct().Count());
        foreach (var last in events.GroupBy(e => e["traceId"]).Select(g => g.MaxBy(e => e.Integer("anomaly.revision"))!))
        {
            Assert.Equal("account_balance_insufficient", last.Text("anomaly.root_cause"));
            Assert.Equal("P0", last.Text("anomaly.priority"));
            Assert.Equal("balance-ledger", last.Text("anomaly.origin.service"));
            Assert.Equal(Insufficient, last.Text("anomaly.origin.code"));
            Assert.Equal("client-terminal > mobile-bank-gateway > transfer-orchestrator > balance-ledger", last.Text("anomaly.path"));
        }
    }

    private static async Task AssertRedisAsync(
        string address, ReceivedTelemetry received, ReceivedTelemetry frames, HashSet<string> failing)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(address);
        var database = redis.GetDatabase();
        var spans = await database.StreamRangeAsync("telemetry:traces");
        Assert.Equal(received.Spans.Select(s => s["spanId"]).Order(), spans.Select(e => (string)e["span_id"]!).Order());
        Assert.All(spans, entry => Assert.DoesNotMatch(ClearCustomer, string.Join(' ', entry.Values)));
        var points = await database.StreamRangeAsync("telemetry:metrics");
        Assert.Equal(frames.Points.Sum(p => Number(p, "count")), points.Sum(e => (long)e["count"]));
        var events = (await database.StreamRangeAsync("telemetry:logs"))
            .Where(e => e["root_cause"] == "account_balance_insufficient").ToList();
        Assert.Equal(failing.Order(), events.Select(e => (string)e["trace_id"]!).Distinct().Order());
        Assert.All(events, e => Assert.Equal(Insufficient, e["code"]));
        Assert.Contains(events, e => ((string)e["chain"]!).EndsWith("balance-ledger reject " + Insufficient, StringComparison.Ordinal));
    }

    private static async Task AssertOpenSearchAsync(Uri address, ReceivedTelemetry received, HashSet<string> failing)
    {
        using var client = new SearchClient(address);
        Assert.Equal(received.Spans.Select(s => s["spanId"]).Order(), (await client.ValuesAsync("traces-*", "span_id")).Order());
        var events = await client.SearchAsync(
            "logs-*",
            """{"size":1000,"query":{"bool":{"filter":[{"term":{"attributes.anomaly.rule_id":"insufficient_balance"}},{"term":{"attributes.anomaly.revision":1}}]}}}""");
        Assert.Equal(failing.Order(), events["hits"]!["hits"]!.AsArray().Select(h => (string)h!["_source"]!["trace_id"]!).Order());
        Assert.Equal(0, await client.CountAsync("telemetry-dead-letters"));
    }

    private static void AssertEnriched(ReceivedTelemetry received, DemoFolder folder)
    {
        Assert.DoesNotMatch(ClearCustomer, File.ReadAllText(folder.File("telemetry.jsonl")));
        var entries = received.Spans.Where(s => s.Text("biz.order_no").Length > 0).ToList();
        Assert.Equal(17, entries.Select(s => s.Service).Distinct().Count());
        Assert.All(entries, span =>
        {
            Assert.Matches("^TRD[0-9]{17}$", span.Text("biz.order_no"));
            Assert.Matches("^[0-9a-f]{64}$", span.Text("biz.customer_id"));
            Assert.Matches("^bank-0[1-8]$", span.Text("tenant.id"));
            Assert.InRange(span.Integer("amount"), 1, 10_000_000);
            Assert.Equal(span.Text("status") == "success" ? "OK" : "FAILED", span.Text("biz.outcome"));
            Assert.Equal(JsonValueKind.Undefined, span.Attribute("biz.validation_errors").ValueKind);
        });
    }

    /// <summary>The heat map counts SERVER and CONSUMER spans, each once, in whatever frame.</summary>
    private static void AssertCellsAddUp(ReceivedTelemetry received, ReceivedTelemetry frames)
    {
        var sent = received.Spans.Where(s => s["kind"] is "2" or "5").GroupBy(s => s.Service).ToDictionary(g => g.Key, g => (long)g.Count());
        var counted = frames.Points.GroupBy(p => p.Text("service.name")).ToDictionary(g => g.Key, g => g.Sum(p => Number(p, "count")));
        Assert.Equal(sent.OrderBy(s => s.Key, StringComparer.Ordinal), counted.OrderBy(s => s.Key, StringComparer.Ordinal));
        Assert.All(frames.Points, point => Assert.Equal(
            Number(point, "count"),
            point.Json.GetProperty("bucketCounts").EnumerateArray().Sum(c => long.Parse(c.ToString(), CultureInfo.InvariantCulture))));
    }

    private static HashSet<string> FailingTraces(ReceivedTelemetry received, string code) =>
        received.Spans.Where(s => s.Text("code") == code && s.Text("status") == "reject").Select(s => s["traceId"])
            .ToHashSet(StringComparer.Ordinal);

    private static long Number(ReceivedItem item, string property) => long.Parse(item[property], CultureInfo.InvariantCulture);

    /// <summary>Where a demo keeps its files, and ports that are free.</summary>
    private sealed class DemoFolder : IDisposable
    {
        private static readonly string[] Endpoints =
        [
            "OTLP_GRPC_ENDPOINT", "OTLP_HTTP_ENDPOINT", "HEATMAP_ENDPOINT", "ATTRIBUTION_ENDPOINT", "PROMETHEUS_ENDPOINT", "HEALTH_ENDPOINT",
            "ZPAGES_ENDPOINT",
        ];

        private static readonly string[] Ports = ["METRICS_PORT", "REDIS_PORT", "OPENSEARCH_PORT"];

        private readonly string _path = Directory.CreateTempSubdirectory("main-job-").FullName;
        private readonly int[] _ports = FreePorts.Take(Endpoints.Length + Ports.Length);

        public string RedisAddress => $"127.0.0.1:{_ports[^2]}";

        public Uri OpenSearchAddress => new($"http://127.0.0.1:{_ports[^1]}");

        /// <summary>Some 160 transfers, of which one in 25 has not the money for it.</summary>
        public static ChildProcess Start(DemoFolder folder, IEnumerable<string> arguments)
        {
            var environment = Endpoints.Select((name, i) => (name, value: $"localhost:{folder._ports[i]}"))
                .Concat(Ports.Select((name, i) => (name, value: $"{folder._ports[Endpoints.Length + i]}")))
                .Append(("DATA_DIR", folder._path))
                .Append(("DEMO_RATE", "20"))
                .Append(("DEMO_DURATION", "8"))
                // Its own servers, also where the other tests are pointed at existing ones.
                .Append(("REDIS_URL", ""))
                .Append(("ELASTICSEARCH_URL", ""))
                .ToDictionary(e => e.Item1, e => e.Item2, StringComparer.Ordinal);
            return new ChildProcess(Path.Combine(RepositoryRoot.Path, "run"), arguments, environment, RepositoryRoot.Path);
        }

        public string File(string name) => Path.Combine(_path, name);

        public void Dispose() => Directory.Delete(_path, recursive: true);
    }
}
