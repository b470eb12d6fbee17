using System.Diagnostics;
using System.Net;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests.Elasticsearch;

/// <summary>
/// The fault table: a real OpenSearch, a whole collector, spans counted in and out. Each row breaks one thing while
/// spans come in, mends it, and finds every accepted span once.
/// </summary>
[Collection(SharedNode.Name)]
public sealed class FaultTests(SharedNode shared) : IAsyncLifetime
{
    private const int Restarts = 10;

    // A template with the pattern of data streams that are there cannot be changed into one for these tests' indexes.
    public async ValueTask InitializeAsync()
    {
        if (OpenSearchNode.MissingReason is not null)
        {
            return;
        }

        try
        {
            await shared.Node.Client.AskAsync(HttpMethod.Delete, $"/_data_stream/traces-*{Environment.ProcessId}");
        }
        catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            // No other test of this folder has run yet.
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Export_ServerStoppedOrKilledAndStartedAgain_LosesNothing()
    {
        SkipUnlessOurs();
        await using var run = await StartAsync("restarts");
        for (var i = 0; i < Restarts; i++)
        {
            await run.WriteMoreAsync();
            await (i % 2 == 0 ? shared.Node.StopAsync() : shared.Node.KillAsync());
            await run.AcceptMoreAsync();
            await shared.Node.StartAgainAsync();
        }

        await run.WriteMoreAsync();
        await run.CheckAsync();
    }

    [Fact]
    public async Task Export_ServerNotThereAtTheStart_LosesNothing()
    {
        SkipUnlessOurs();
        await shared.Node.StopAsync();
        await using var run = await StartAsync("late");
        await run.AcceptMoreAsync();
        await shared.Node.StartAgainAsync();
        await run.WriteMoreAsync();
        await run.CheckAsync();
    }

    [Fact]
    public async Task Export_IndexReadOnlyForAWhile_LosesNothing()
    {
        Assert.SkipUnless(OpenSearchNode.MissingReason is null, OpenSearchNode.MissingReason ?? "");
        await using var run = await StartAsync("blocked");
        await run.WriteMoreAsync();
        await BlockAsync("true");
        await run.AcceptMoreAsync();
        await run.WaitUntilAsync(
            () => Task.FromResult(run.Output.Contains("cluster_block_exception", StringComparison.Ordinal)), "meets the block");
        await BlockAsync("false");
        await run.WriteMoreAsync();
        await run.CheckAsync();
    }

    [Fact]
    public async Task Export_NetworkSwallowsEverythingForAWhile_LosesNothing()
    {
        Assert.SkipUnless(OpenSearchNode.MissingReason is null, OpenSearchNode.MissingReason ?? "");
        await using var proxy = new TcpProxy(shared.Node.Port);
        await using var run = await StartAsync("cut", proxy, "timeout: 1s");
        for (var i = 0; i < 2; i++)
        {
            await run.WriteMoreAsync();
            proxy.Swallow();
            await run.AcceptMoreAsync();
            await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
            proxy.Restore();
            await run.WriteMoreAsync();
            proxy.CutConnections();
        }

        await run.WriteMoreAsync();
        await run.CheckAsync();
    }

    // With the longer limit the answers come in time; with the shorter one every one of them comes too late for a while,
    // so that documents are written again that are there already.
    [Theory]
    [InlineData("timeout: 30s")]
    [InlineData("timeout: 1s")]
    public async Task Export_AnswersTakeTwoSeconds_LosesNothing(string timeout)
    {
        Assert.SkipUnless(OpenSearchNode.MissingReason is null, OpenSearchNode.MissingReason ?? "");
        await using var proxy = new TcpProxy(shared.Node.Port);
        await using var run = await StartAsync($"slow{timeout[9..].Length}", proxy, timeout);
        await run.WriteMoreAsync();
        proxy.AnswerDelay = TimeSpan.FromSeconds(2);
        await run.AcceptMoreAsync();
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        proxy.AnswerDelay = TimeSpan.Zero;
        await run.CheckAsync();
    }

    [Fact]
    public async Task Export_WriteQueueOfOne_SendsTheRefusedDocumentsAgain()
    {
        Assert.SkipUnless(OpenSearchNode.MissingReason is null, OpenSearchNode.MissingReason ?? "");
        Assert.SkipUnless(OpenSearchNode.External is null, "the node's own settings are needed");
        await using var node = await OpenSearchNode.StartAsync("thread_pool.write.size=1", "thread_pool.write.queue_size=1");
        await using var run = await FaultRun.StartAsync(node.Client, node.Address, "spans", queue: "num_consumers: 24");
        await run.WriteMoreAsync();
        await run.WaitUntilAsync(
            () => Task.FromResult(run.Output.Contains("too_many_requests", StringComparison.Ordinal)), "meets a full queue");
        await run.AcceptMoreAsync();
        await run.CheckAsync();
    }

    [Fact]
    public async Task Export_CollectorKilled_LosesNothingItAccepted()
    {
        Assert.SkipUnless(OpenSearchNode.MissingReason is null, OpenSearchNode.MissingReason ?? "");
        await using var proxy = new TcpProxy(shared.Node.Port);
        await using var run = await StartAsync("killed", proxy, "timeout: 2s", "./queue");
        for (var i = 0; i < 3; i++)
        {
            await run.WriteMoreAsync();
            await run.KillCollectorAsync();
        }

        // And once with the queue full of what the server did not take.
        proxy.Swallow();
        await run.AcceptMoreAsync();
        await run.KillCollectorAsync();
        proxy.Restore();
        await run.WriteMoreAsync();
        await run.CheckAsync();
    }

    [Fact]
    public async Task Export_DiskOfTheQueueIsFull_RefusesAndLosesNothingItAccepted()
    {
        Assert.SkipUnless(OpenSearchNode.MissingReason is null, OpenSearchNode.MissingReason ?? "");
        var folder = Directory.CreateTempSubdirectory("small-disk-").FullName;
        var isMounted = await RunAsync("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder) == 0;
        try
        {
            Assert.SkipUnless(isMounted, "a small disk can only be mounted as root, outside of most containers");
            await using var proxy = new TcpProxy(shared.Node.Port);
            await using var run = await StartAsync("disk", proxy, "timeout: 2s", folder);
            await run.WriteMoreAsync();
            proxy.Swallow();
            await run.WaitUntilAsync(() => Task.FromResult(run.Load.Failures.Count > 5), "refuses what the disk does not take");
            proxy.Restore();
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

    private void SkipUnlessOurs()
    {
        Assert.SkipUnless(OpenSearchNode.MissingReason is null, OpenSearchNode.MissingReason ?? "");
        Assert.SkipUnless(shared.Node.IsOurs, "a server that the environment names is not stopped");
    }

    private async Task BlockAsync(string isBlocked) => await shared.Node.Client.AskAsync(
        HttpMethod.Put, $"/{IndexOf("blocked")}/_settings", "{\"index\":{\"blocks.write\":" + isBlocked + "}}");

    private Task<FaultRun> StartAsync(string name, TcpProxy? proxy = null, string settings = "", string? storage = null) => FaultRun.StartAsync(
        shared.Node.Client, proxy is null ? shared.Node.Address : new Uri($"http://127.0.0.1:{proxy.Port}"), IndexOf(name), settings,
        storage: storage);

    // Of a server that others use too, nothing is found that an earlier run has left.
    private static string IndexOf(string name) => $"telemetry-test-{Environment.ProcessId}-{name}";
}
