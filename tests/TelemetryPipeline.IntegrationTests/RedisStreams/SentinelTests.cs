using System.Globalization;
using System.Linq;
using StackExchange.Redis;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests.RedisStreams;

/// <summary>Redis behind Sentinel.</summary>
public sealed class SentinelTests
{
    private const string Master = "telemetry";

    // Scenario: the master that a Sentinel watches is killed; the Sentinel makes its replica the master.
    // Guarantees: the exporter finds the new master by itself, and all that is accepted from then on is there. (What the
    // old master had acknowledged and not yet passed on is lost with it: that is Redis's promise, and not tested.)
    [Fact]
    public async Task Export_MasterKilled_GoesOnAtTheNewMaster()
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        await using var master = await RedisNode.StartAsync();
        await using var replica = await RedisNode.StartAsync("--replicaof", $"127.0.0.1 {master.Port}");
        await using var sentinel = await SentinelAsync(master.Port, replica, out var port);
        await using var run = await FaultRun.StartAsync(
            [string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")], replica.DatabaseAsync, $"sentinel: {{master_name: {Master}}}");
        await run.WriteMoreAsync();

        await master.KillAsync();
        await run.WaitUntilAsync(() => IsMasterAsync(replica), "has a new master");
        var before = run.Load.AcceptedSpanIds.ToHashSet(StringComparer.Ordinal);
        await run.AcceptMoreAsync();
        await run.CheckAsync(lost: before);
    }

    private static async Task<bool> IsMasterAsync(RedisNode node)
    {
        try
        {
            return (string)(await node.ExecuteAsync("ROLE"))[0]! == "master";
        }
        catch (RedisException)
        {
            return false; // a server that changes its role closes its connections
        }
    }

    private static Task<ChildProcess> SentinelAsync(int masterPort, RedisNode replica, out int port)
    {
        port = FreePorts.TakeLasting(1)[0];
        return StartSentinelAsync(port, masterPort, replica);
    }

    private static async Task<ChildProcess> StartSentinelAsync(int port, int masterPort, RedisNode replica)
    {
        // A Sentinel writes its file anew, so it has one of its own.
        var file = Path.Combine(Directory.CreateTempSubdirectory("sentinel-").FullName, "sentinel.conf");
        await File.WriteAllTextAsync(file, $"""
            port {port}
            bind 127.0.0.1
            sentinel monitor {Master} 127.0.0.1 {masterPort} 1
            sentinel down-after-milliseconds {Master} 1000
            sentinel failover-timeout {Master} 5000

            """);
        var sentinel = new ChildProcess(RedisServer.Program!, [file, "--sentinel"], workingDirectory: Path.GetDirectoryName(file)!);
        await sentinel.WaitForPortsAsync(port);

        // Only a replica that the Sentinel knows of can take over.
        await sentinel.WaitForOutputAsync($"+slave slave 127.0.0.1:{replica.Port}");
        return sentinel;
    }
}
