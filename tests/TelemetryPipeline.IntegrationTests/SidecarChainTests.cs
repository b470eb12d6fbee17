using System.Linq;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests;

/// <summary>A sidecar of ours sends to a collector of ours.</summary>
public sealed class SidecarChainTests
{
    [Theory]
    [InlineData("grpc", "none")]
    [InlineData("grpc", "gzip")]
    [InlineData("http", "proto")]
    [InlineData("http", "json")]
    public async Task AllSignals_ThroughTwoCollectors_ArriveOnce(string protocol, string form)
    {
        await using var central = await CollectorProcess.StartAsync(TestConfigs.ToFile());
        await using var sidecar = await CollectorProcess.StartAsync(
            protocol == "grpc" ? TestConfigs.ToGrpc(central.GrpcPort, form) : TestConfigs.ToHttp(central.HttpPort, form));
        using var load = new TransferLoad(sidecar.HttpEndpoint);
        for (var i = 0; i < 25; i++)
        {
            await load.SendSpansAsync();
        }

        Assert.True(await load.SendPointsAsync(30));
        Assert.True(await load.SendLogsAsync(40));
        Assert.Empty(load.Failures);

        Assert.Equal(0, await sidecar.StopAsync());
        Assert.Equal(0, await central.StopAsync());
        var received = ReceivedTelemetry.Read(central.PathOf(TestConfigs.OutputFile));
        Assert.Equal(load.AcceptedSpanIds.Order(), received.Spans.Select(s => s["spanId"]).Order());
        Assert.Equal(30, received.Points.Count);
        Assert.Equal(40, received.Logs.Count);
    }
}
