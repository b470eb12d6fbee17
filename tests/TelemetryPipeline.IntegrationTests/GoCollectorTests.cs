using System.Globalization;
using System.Linq;
using System.Text.Json;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests;

/// <summary>The Go Collector forwards into ours and ours forwards into it; nothing is lost or doubled.</summary>
public sealed class GoCollectorTests
{
    private const int Requests = 50;

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
