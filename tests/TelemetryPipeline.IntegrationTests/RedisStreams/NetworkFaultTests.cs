using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests.RedisStreams;

/// <summary>As <see cref="ServerFaultTests"/>; here the server is well and the way to it is not.</summary>
public sealed class NetworkFaultTests
{
    [Fact]
    public async Task Export_NetworkSwallowsEverythingForAWhile_LosesNothing()
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        await using var redis = await RedisNode.StartAsync();
        await using var proxy = new TcpProxy(redis.Port);
        await using var run = await FaultRun.StartAsync(redis, proxy.Port, "timeout: 1s");
        for (var i = 0; i < 2; i++)
        {
            await run.WriteMoreAsync();
            proxy.Swallow();
            await run.AcceptMoreAsync();
            await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
            proxy.Restore();
        }

        await run.WriteMoreAsync();
        await run.CheckAsync();
    }

    [Fact]
    public async Task Export_ConnectionsAreCutAgainAndAgain_LosesNothing()
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        await using var redis = await RedisNode.StartAsync();
        await using var proxy = new TcpProxy(redis.Port);
        await using var run = await FaultRun.StartAsync(redis, proxy.Port);
        for (var i = 0; i < 5; i++)
        {
            await run.WriteMoreAsync();
            proxy.CutConnections();
            await run.AcceptMoreAsync();
        }

        await run.WriteMoreAsync();
        await run.CheckAsync();
    }

    // With the longer limit the answers come in time; with the shorter one every one of them comes too late for a while,
    // so that entries are written again that are there already.
    [Theory]
    [InlineData("timeout: 30s")]
    [InlineData("timeout: 1s")]
    public async Task Export_AnswersTakeTwoSeconds_LosesNothing(string timeout)
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        await using var redis = await RedisNode.StartAsync();
        await using var proxy = new TcpProxy(redis.Port);
        await using var run = await FaultRun.StartAsync(redis, proxy.Port, timeout);
        await run.WriteMoreAsync();
        proxy.AnswerDelay = TimeSpan.FromSeconds(2);
        await run.AcceptMoreAsync();
        await run.WriteMoreAsync();
        await run.AcceptMoreAsync();
        proxy.AnswerDelay = TimeSpan.Zero;

        await run.WriteMoreAsync();
        await run.CheckAsync();
    }
}
