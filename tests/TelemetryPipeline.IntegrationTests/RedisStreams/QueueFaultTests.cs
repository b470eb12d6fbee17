using System.Diagnostics;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests.RedisStreams;

/// <summary>As <see cref="ServerFaultTests"/>; here it is the collector or its disk that fails, with its queue on disk.</summary>
public sealed class QueueFaultTests
{
    [Fact]
    public async Task Export_CollectorKilled_LosesNothingItAccepted()
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        await using var redis = await RedisNode.StartAsync();
        await using var run = await FaultRun.StartAsync(redis, storage: "./queue");
        for (var i = 0; i < 3; i++)
        {
            await run.WriteMoreAsync();
            await run.KillCollectorAsync();
        }

        // And once with the queue full of what Redis did not take.
        await redis.StopAsync();
        await run.AcceptMoreAsync();
        await run.KillCollectorAsync();
        await redis.StartAgainAsync();

        await run.WriteMoreAsync();
        await run.CheckAsync();
    }

    [Fact]
    public async Task Export_DiskOfTheQueueIsFull_RefusesAndLosesNothingItAccepted()
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        var folder = Directory.CreateTempSubdirectory("small-disk-").FullName;
        var isMounted = await RunAsync("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder) == 0;
        try
        {
            Assert.SkipUnless(isMounted, "a small disk can only be mounted as root, outside of most containers");
            await using var redis = await RedisNode.StartAsync();
            await using var run = await FaultRun.StartAsync(redis, storage: folder);
            await run.WriteMoreAsync();
            await redis.StopAsync();
            await run.WaitUntilAsync(() => Task.FromResult(run.Load.Failures.Count > 20), "refuses what the disk does not take");
            await redis.StartAgainAsync();

            await run.AcceptMoreAsync();
            await run.CheckAsync();
        }
        finally
        {
            if (isMounted)
            {
                await RunAsync("umount", "-l", folder);
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
