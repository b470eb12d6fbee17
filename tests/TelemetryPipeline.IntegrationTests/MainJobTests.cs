using System.Globalization;
using System.Linq;
using System.Text.Json;
using TelemetryPipeline.TestSupport;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests;

/// <summary>The two commands a new user types first do the whole job: <c>./run</c>, with nothing else on the machine.</summary>
public sealed class MainJobTests
{
    // The sample's customers are numbered in a region that does not exist, so nothing else looks like them.
    private const string ClearCustomer = "(?<![0-9])990000(19|20)[0-9]{9}[0-9X]";

    [Fact]
    public async Task Run_WithoutServers_EnrichesAndMeasuresEveryTransfer()
    {
        using var folder = new DemoFolder();
        await using var demo = DemoFolder.Start(folder, [], seconds: 8);

        Assert.Equal(0, await demo.WaitForExitAsync());

        var received = ReceivedTelemetry.Read(folder.File("telemetry.jsonl"));
        AssertEnriched(received, folder);
        AssertCellsAddUp(received, ReceivedTelemetry.Read(folder.File("heatmap.jsonl")));
        Assert.NotEmpty(FailingTraces(received, "ERR_INSUFFICIENT_BALANCE"));
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
            ["OTLP_GRPC_ENDPOINT", "OTLP_HTTP_ENDPOINT", "HEATMAP_ENDPOINT", "PROMETHEUS_ENDPOINT", "HEALTH_ENDPOINT", "ZPAGES_ENDPOINT"];

        private readonly string _path = Directory.CreateTempSubdirectory("main-job-").FullName;

        public static ChildProcess Start(DemoFolder folder, IEnumerable<string> arguments, int seconds)
        {
            var ports = FreePorts.Take(Endpoints.Length + 1);
            var environment = Endpoints.Select((name, i) => (name, value: $"localhost:{ports[i]}"))
                .Append(("METRICS_PORT", ports[^1].ToString(CultureInfo.InvariantCulture)))
                .Append(("DATA_DIR", folder._path))
                .Append(("DEMO_RATE", "20"))
                .Append(("DEMO_DURATION", seconds.ToString(CultureInfo.InvariantCulture)))
                .ToDictionary(e => e.Item1, e => e.Item2, StringComparer.Ordinal);
            return new ChildProcess(Path.Combine(RepositoryRoot.Path, "run"), arguments, environment, RepositoryRoot.Path);
        }

        public string File(string name) => Path.Combine(_path, name);

        public void Dispose() => Directory.Delete(_path, recursive: true);
    }
}
