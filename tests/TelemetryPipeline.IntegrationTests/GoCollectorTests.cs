using System.Globalization;
using System.Linq;
using System.Text.Json;
using TelemetryPipeline.TestSupport.Processes;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.IntegrationTests;

/// <summary>The Go Collector forwards into ours and ours forwards into it; nothing is lost or doubled.</summary>
public sealed class GoCollectorTests
{
    private const int Requests = 50;
    private const int LargeSpans = 60;
    private const int LargeSpanBytes = 100_000;

    [Theory]
    [InlineData("otlp_grpc", "none")]
    [InlineData("otlp_grpc", "gzip")]
    [InlineData("otlp_http", "none")]
    [InlineData("otlp_http", "zstd")]
    public async Task AllSignals_FromGoCollector_ArriveOnce(string exporter, string compression)
    {
        Assert.SkipWhen(GoCollector.BinFolder is null, GoCollector.MissingReason);
        await using var ours = await CollectorProcess.StartAsync(TestConfigs.ToFile());
        var port = FreePorts.Take(1)[0];
        await using var go = await GoCollector.StartAsync(
            Forwarding(port, exporter, exporter == "otlp_grpc" ? $"127.0.0.1:{ours.GrpcPort}" : ours.HttpEndpoint.ToString(), compression), port);
        using var load = new TransferLoad(new Uri($"http://127.0.0.1:{port}"));
        await SendAsync(load);

        Assert.Equal(0, await go.StopAsync());
        Assert.Equal(0, await ours.StopAsync());
        var received = ReceivedTelemetry.Read(ours.PathOf(TestConfigs.OutputFile));
        Assert.Equal(load.AcceptedSpanIds.Order(), received.Spans.Select(s => s["spanId"]).Order());
        Assert.Equal(30, received.Points.Count);
        Assert.Equal(40, received.Logs.Count);
    }

    [Theory]
    [InlineData("grpc", "none")]
    [InlineData("grpc", "gzip")]
    [InlineData("http", "proto")]
    [InlineData("http", "json")]
    public async Task AllSignals_IntoGoCollector_ArriveOnce(string protocol, string form)
    {
        Assert.SkipWhen(GoCollector.BinFolder is null, GoCollector.MissingReason);
        var ports = FreePorts.Take(4);
        await using var sink = await GoCollector.StartSinkAsync(ports[0], ports[1]);
        await using var go = await GoCollector.StartAsync(
            Forwarding(ports[2], "otlp_grpc", $"127.0.0.1:{ports[0]}", "none", ports[3]), ports[2], ports[3]);
        await using var ours = await CollectorProcess.StartAsync(
            protocol == "grpc" ? TestConfigs.ToGrpc(ports[3], form) : TestConfigs.ToHttp(ports[2], form));
        using var load = new TransferLoad(ours.HttpEndpoint);
        await SendAsync(load);

        Assert.Equal(0, await ours.StopAsync());
        Assert.Equal(0, await go.StopAsync());
        using var http = new HttpClient();
        using var counts = JsonDocument.Parse(await http.GetStringAsync(
            new Uri($"http://127.0.0.1:{ports[1]}/"), TestContext.Current.CancellationToken));
        Assert.Equal(load.AcceptedSpanIds.Count, counts.RootElement.GetProperty("spans").GetInt32());
        Assert.Equal(30, counts.RootElement.GetProperty("metric_points").GetInt32());
        Assert.Equal(40, counts.RootElement.GetProperty("log_records").GetInt32());
    }

    // Scenario: a request of 6 MB for a server that takes messages of 4 MiB, the default of gRPC.
    // Guarantees: every span arrives once, from memory and from disk.
    [Theory]
    [InlineData("none", false)]
    [InlineData("gzip", false)]
    [InlineData("none", true)]
    public async Task Spans_AboveTheLimitOfGoCollector_ArriveInParts(string compression, bool fromDisk)
    {
        Assert.SkipWhen(GoCollector.BinFolder is null, GoCollector.MissingReason);
        var ports = FreePorts.Take(4);
        await using var sink = await GoCollector.StartSinkAsync(ports[0], ports[1]);
        await using var go = await GoCollector.StartAsync(
            Forwarding(ports[2], "otlp_grpc", $"127.0.0.1:{ports[0]}", "none", ports[3]), ports[2], ports[3]);
        await using var ours = await CollectorProcess.StartAsync(
            fromDisk ? TestConfigs.ToGrpcFromDisk(ports[3]) : TestConfigs.ToGrpc(ports[3], compression));
        using var load = new TransferLoad(ours.HttpEndpoint, LargeSpans, LargeSpanBytes);
        await load.SendSpansAsync();
        Assert.Equal(LargeSpans, load.AcceptedSpanIds.Count);

        using var http = new HttpClient();
        await SpansArriveAsync(http, ports[1], LargeSpans);
        Assert.Equal(0, await ours.StopAsync());
        Assert.Equal(0, await go.StopAsync());
        await SpansArriveAsync(http, ports[1], LargeSpans);
    }

    // As above, with this collector's own receiver at the other end.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Spans_AboveTheLimitOfOurReceiver_ArriveInParts(bool fromDisk)
    {
        await using var receiver = await CollectorProcess.StartAsync(TestConfigs.ToFile("[]", ""));
        await using var ours = await CollectorProcess.StartAsync(
            fromDisk ? TestConfigs.ToGrpcFromDisk(receiver.GrpcPort) : TestConfigs.ToGrpc(receiver.GrpcPort));
        using var load = new TransferLoad(ours.HttpEndpoint, LargeSpans, LargeSpanBytes);
        await load.SendSpansAsync();
        Assert.Equal(LargeSpans, load.AcceptedSpanIds.Count);
        Assert.Equal(0, await ours.StopAsync());
        Assert.Equal(0, await receiver.StopAsync());

        var received = ReceivedTelemetry.Read(receiver.PathOf(TestConfigs.OutputFile));
        Assert.Equal(load.AcceptedSpanIds.Order(), received.Spans.Select(s => s["spanId"]).Order());
    }

    private static async Task SpansArriveAsync(HttpClient http, int port, int count)
    {
        var arrived = 0;
        await Until.TrueAsync(
            async () =>
            {
                using var counts = JsonDocument.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/"), CancellationToken.None));
                arrived = counts.RootElement.GetProperty("spans").GetInt32();
                Assert.True(arrived <= count, $"{arrived} spans arrived of {count}");
                return arrived == count;
            },
            problem: () => $"{arrived} of {count} spans arrived");
    }

    private static async Task SendAsync(TransferLoad load)
    {
        for (var i = 0; i < Requests; i++)
        {
            await load.SendSpansAsync();
        }

        Assert.True(await load.SendPointsAsync(30));
        Assert.True(await load.SendLogsAsync(40));
        Assert.Empty(load.Failures);
    }

    private static string Forwarding(int httpPort, string exporter, string endpoint, string compression, int grpcPort = 0)
    {
        var grpc = grpcPort == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"grpc: {{endpoint: \"127.0.0.1:{grpcPort}\"}}, ");
        return $$"""
            receivers:
              otlp: {protocols: { {{grpc}}http: {endpoint: "127.0.0.1:{{httpPort}}"} } }
            exporters:
              {{exporter}}: {endpoint: "{{endpoint}}", compression: {{compression}}, tls: {insecure: true} }
            service:
              telemetry: {metrics: {level: none} }
              pipelines:
                traces: {receivers: [otlp], exporters: [{{exporter}}]}
                metrics: {receivers: [otlp], exporters: [{{exporter}}]}
                logs: {receivers: [otlp], exporters: [{{exporter}}]}
            """;
    }
}
