using System.Linq;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests;

/// <summary>SIGKILL while requests come in, again and again: with the queue on disk, what was accepted is delivered.</summary>
public sealed class KilledCollectorTests
{
    private const int Kills = 6;
    private const int SpansBetweenKills = 400;

    [Fact]
    public async Task Sigkill_UnderLoadAndAgain_DeliversEverythingThatWasAccepted()
    {
        await using var central = await CollectorProcess.StartAsync(TestConfigs.ToFile("[]", ""));
        var sidecar = await CollectorProcess.StartAsync(TestConfigs.ToGrpcFromDisk(central.GrpcPort));
        using var load = new TransferLoad(sidecar.HttpEndpoint);
        using var stop = new CancellationTokenSource();
        try
        {
            var sending = load.SendUntilAsync(stop.Token);
            for (var kill = 0; kill < Kills; kill++)
            {
                var before = load.AcceptedSpanIds.Count;
                await sidecar.WaitUntilAsync(
                    () => Task.FromResult(load.AcceptedSpanIds.Count >= before + SpansBetweenKills), "accepts spans");
                await using var killed = sidecar;
                sidecar = await sidecar.KillAndStartAgainAsync();
            }

            await stop.CancelAsync();
            await sending;
            Assert.Equal(0, await sidecar.StopAsync());
        }
        finally
        {
            await sidecar.DisposeAsync();
        }

        Assert.Equal(0, await central.StopAsync());
        var received = ReceivedTelemetry.Read(central.PathOf(TestConfigs.OutputFile)).Spans.Select(s => s["spanId"]).ToList();
        Assert.Empty(load.AcceptedSpanIds.Except(received));

        // At least once: what was under way when the process died is sent again by the next one, once for each death.
        Assert.InRange(received.GroupBy(id => id).Max(copies => copies.Count()), 1, Kills + 1);
        Assert.NotEmpty(load.Failures);
    }
}
