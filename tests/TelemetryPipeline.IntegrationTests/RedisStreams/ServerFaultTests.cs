using StackExchange.Redis;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests.RedisStreams;

/// <summary>
/// Scenario: a collector is sent spans without pause and exports them to a real Redis, which fails in all the ways a
/// server can.
/// Guarantees: every span that the collector accepted is in the stream afterwards, without anybody's help; an entry
/// that was written twice has the same id.
/// </summary>
public sealed class ServerFaultTests
{
    private const int Restarts = 10;

    [Fact]
    public async Task Export_ServerStoppedAndStartedTenTimes_LosesNothing()
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        await using var redis = await RedisNode.StartAsync();
        await using var run = await FaultRun.StartAsync(redis);
        for (var i = 0; i < Restarts; i++)
        {
            await run.WriteMoreAsync();
            await redis.StopAsync();
            await run.AcceptMoreAsync();
            await redis.StartAgainAsync();
        }

        await run.WriteMoreAsync();
        await run.CheckAsync();
    }

    [Fact]
    public async Task Export_ServerKilled_LosesNothing()
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        await using var redis = await RedisNode.StartAsync();
        await using var run = await FaultRun.StartAsync(redis);
        for (var i = 0; i < 3; i++)
        {
            await run.WriteMoreAsync();
            await redis.KillAsync();
            await run.AcceptMoreAsync();
            await redis.StartAgainAsync();
        }

        await run.CheckAsync();
    }

    [Fact]
    public async Task Export_ServerIsReplicaForAWhile_LosesNothing()
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        await using var redis = await RedisNode.StartAsync();
        await using var run = await FaultRun.StartAsync(redis);
        await run.WriteMoreAsync();
        await redis.ExecuteAsync("REPLICAOF", "127.0.0.1", FreePorts.Take(1)[0]);
        await run.AcceptMoreAsync();
        await redis.ExecuteAsync("REPLICAOF", "NO", "ONE");

        await run.WriteMoreAsync();
        await run.CheckAsync();
    }

    [Theory]
    [InlineData("maxmemory", "1", "0")]
    [InlineData("min-replicas-to-write", "1", "0")]
    public async Task Export_ServerRefusesWritesForAWhile_LosesNothing(string setting, string broken, string mended)
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        await using var redis = await RedisNode.StartAsync();
        await using var run = await FaultRun.StartAsync(redis);
        await run.WriteMoreAsync();
        await redis.ExecuteAsync("CONFIG", "SET", setting, broken);
        await run.AcceptMoreAsync();
        await redis.ExecuteAsync("CONFIG", "SET", setting, mended);

        await run.WriteMoreAsync();
        await run.CheckAsync();
    }

    // Scenario: requests of 3 MB for a server that takes values of 1 MB and closes the connection on longer ones.
    [Fact]
    public async Task Export_ValueAboveTheServersLimit_IsWrittenInParts()
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        await using var redis = await RedisNode.StartAsync();
        await redis.ExecuteAsync("CONFIG", "SET", "proto-max-bulk-len", "1048576");
        await using var run = await FaultRun.StartAsync(
            [$"127.0.0.1:{redis.Port}"], redis.DatabaseAsync, spansPerRequest: 30, bytesPerSpan: 100_000);
        await run.Load.SendSpansAsync();
        await run.CheckAsync(entriesStayWhole: false);
    }

    [Fact]
    public async Task Export_ScriptHoldsTheServer_LosesNothing()
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        await using var redis = await RedisNode.StartAsync("--busy-reply-threshold", "10");
        await using var run = await FaultRun.StartAsync(redis);
        await run.WriteMoreAsync();
        await using var other = await redis.ConnectAsync();
        var script = other.GetDatabase().ScriptEvaluateAsync("while true do end");
        await run.AcceptMoreAsync();
        await redis.ExecuteAsync("SCRIPT", "KILL");
        await Assert.ThrowsAsync<RedisServerException>(() => script);

        await run.WriteMoreAsync();
        await run.CheckAsync();
    }

    [Fact]
    public async Task Export_PasswordChangesForAWhile_LosesNothing()
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        await using var redis = await RedisNode.StartAsync();
        await redis.ExecuteAsync("ACL", "SETUSER", "collector", "on", ">first", "~telemetry:*", "+@all");
        await using var run = await FaultRun.StartAsync(redis, settings: "username: collector\n    password: first");
        await run.WriteMoreAsync();
        await redis.ExecuteAsync("ACL", "SETUSER", "collector", "resetpass", ">second", "-xadd");
        await redis.ExecuteAsync("CLIENT", "KILL", "USER", "collector");
        await run.AcceptMoreAsync();
        await redis.ExecuteAsync("ACL", "SETUSER", "collector", "resetpass", ">first", "+xadd");

        await run.WriteMoreAsync();
        await run.CheckAsync();
    }
}
