using System.Diagnostics;
using System.Linq;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests.RedisStreams;

/// <summary>A Redis Cluster of three masters, whose slots move while spans are written.</summary>
public sealed class ClusterTests
{
    private const int Partitions = 8;

    // Scenario: under load the slots of all partitions of the first master move to the second, and back to the third.
    // Guarantees: nothing is lost, every trace stays in one partition, and all masters have their share before.
    [Fact]
    public async Task Export_SlotsMoveUnderLoad_LosesNothingAndKeepsTracesWhole()
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        await using var cluster = await RedisCluster.StartAsync();
        var keys = Enumerable.Range(0, Partitions).Select(i => $"telemetry:traces:{{{i}}}").ToArray();
        await using var client = await cluster.ConnectAsync();
        var owners = keys.Select(key => cluster.OwnerOf(client.HashSlot(key))).ToList();
        Assert.Equal([0, 1, 2], owners.Distinct().Order());
        await using var run = await FaultRun.StartAsync(
            cluster.Nodes.Select(n => n.Endpoint).Take(1), () => Task.FromResult(client.GetDatabase()),
            $"partitions: {Partitions}", null, keys, spansPerRequest: 200);
        var started = Stopwatch.GetTimestamp();
        await run.WriteMoreAsync();

        var slots = keys.Where((_, i) => owners[i] == 0).Select(key => client.HashSlot(key)).Distinct().ToList();
        await cluster.MoveAsync(0, 1, slots);
        await run.AcceptMoreAsync();
        await cluster.MoveAsync(1, 2, slots);
        await run.AcceptMoreAsync();
        await run.WriteMoreAsync();
        var rate = run.Load.AcceptedSpanIds.Count / Stopwatch.GetElapsedTime(started).TotalSeconds;
        TestContext.Current.SendDiagnosticMessage($"{rate:F0} spans/s while slots moved");

        var entries = await run.CheckAsync();
        var partitionsOfTraces = entries
            .SelectMany(e => StreamContents.Spans(e).Select(s => (s.TraceId, e.Key))).Distinct().GroupBy(p => p.TraceId);
        Assert.All(partitionsOfTraces, trace => Assert.Single(trace));
        Assert.Equal(keys.Order(), entries.Select(e => e.Key).Distinct().Order());
    }

    // Scenario: one of three masters is killed and started again.
    // Guarantees: nothing is lost, also of what goes to the others meanwhile.
    [Fact]
    public async Task Export_MasterKilledAndStartedAgain_LosesNothing()
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        await using var cluster = await RedisCluster.StartAsync();
        var keys = Enumerable.Range(0, Partitions).Select(i => $"telemetry:traces:{{{i}}}").ToArray();
        await using var client = await cluster.ConnectAsync();
        await using var run = await FaultRun.StartAsync(
            cluster.Nodes.Select(n => n.Endpoint), () => Task.FromResult(client.GetDatabase()), $"partitions: {Partitions}", null, keys);
        await run.WriteMoreAsync();
        await cluster.Nodes[1].KillAsync();
        await run.AcceptMoreAsync();
        await cluster.Nodes[1].StartAgainAsync();

        await run.WriteMoreAsync();
        await run.CheckAsync();
    }
}
