using System.Linq;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests;

/// <summary>SIGTERM while requests come in: what was accepted is delivered.</summary>
public sealed class ShutdownTests
{
    [Fact]
    public async Task Sigterm_UnderLoad_WritesEverythingThatWasAccepted()
    {
        await using var collector = await CollectorProcess.StartAsync(TestConfigs.ToFile());
        using var load = new TransferLoad(collector.HttpEndpoint);
        await StopUnderLoadAsync(collector, load);
        var received = ReceivedTelemetry.Read(collector.PathOf(TestConfigs.OutputFile));
        AssertNothingLost(load, received);
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http")]
    public async Task Sigterm_UnderLoad_ForwardsEverythingThatWasAccepted(string protocol)
    {
        await using var central = await CollectorProcess.StartAsync(TestConfigs.ToFile());
        await using var sidecar = await CollectorProcess.StartAsync(
            protocol == "grpc" ? TestConfigs.ToGrpc(central.GrpcPort) : TestConfigs.ToHttp(central.HttpPort));
        using var load = new TransferLoad(sidecar.HttpEndpoint);
        await StopUnderLoadAsync(sidecar, load);
        Assert.Equal(0, await central.StopAsync());
        AssertNothingLost(load, ReceivedTelemetry.Read(central.PathOf(TestConfigs.OutputFile)));
    }

    private static async Task StopUnderLoadAsync(CollectorProcess collector, TransferLoad load)
    {
        using var stop = new CancellationTokenSource();
        var sending = load.SendUntilAsync(stop.Token);
        await collector.WaitUntilAsync(() => Task.FromResult(load.AcceptedSpanIds.Count >= 2000), "accepts 2000 spans");
        var code = await collector.StopAsync();
        await stop.CancelAsync();
        await sending;
        Assert.True(code == 0, $"it ended with {code}:\n{collector.Output}");
    }

    // A request that was delivered but whose answer the end of the process cut off may be there as well.
    private static void AssertNothingLost(TransferLoad load, ReceivedTelemetry received) =>
        Assert.Empty(load.AcceptedSpanIds.Except(received.Spans.Select(s => s["spanId"])));
}
