using System.Linq;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Graph;

namespace TelemetryPipeline.Tests.Pipeline.Graph;

public sealed class GraphSwapTests
{
    private readonly TestWorld _world = new();

    [Fact]
    public async Task Swap_NothingChanged_KeepsEverything()
    {
        var graph = await StartedAsync(_world.Config(["traces: recv -> pass -> exp"], extensions: ["ext"]));

        var next = await _world.SwapAsync(graph, _world.Config(["traces: recv -> pass -> exp"], extensions: ["ext"]));

        Assert.Empty(_world.Journal.Entries);
        Assert.Equal(4, next.Parts.Kept.Count);
    }

    [Fact]
    public async Task Swap_ExporterChanged_KeepsListenerAndProcessors()
    {
        var graph = await StartedAsync(_world.Config(["traces: recv -> pass -> exp"]));
        var receiver = _world.Receiver();

        await _world.SwapAsync(graph, _world.Config(["traces: recv -> pass -> exp"], settings: [("exp", "v2")]));
        await receiver.SendAsync(items: 7);

        Assert.Equal(["start exp#2", "stop exp"], _world.Journal.Entries);
        Assert.Equal(7, _world.Exporter().Items);
    }

    [Fact]
    public async Task Swap_ProcessorChanged_ReplacesThatChainOnly()
    {
        var graph = await StartedAsync(_world.Config(["traces: recv -> pass, change -> exp", "logs: recv -> pass -> exp"]));

        await _world.SwapAsync(
            graph, _world.Config(["traces: recv -> pass, change -> exp", "logs: recv -> pass -> exp"], settings: [("change", "v2")]));

        Assert.Equal(
            ["start change#2", "start pass#3", "stop change", "stop pass"], _world.Journal.Entries.Select(static e => e.Replace("stop pass#2", "stop pass", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task Swap_PipelineAdded_ConnectsKeptReceiver()
    {
        var graph = await StartedAsync(_world.Config(["traces: recv -> exp"]));

        await _world.SwapAsync(graph, _world.Config(["traces: recv -> exp", "logs: recv -> exp/logs"]));
        await _world.Receiver().SendAsync(Signal.Logs, 3);

        Assert.Equal(1, _world.Instances("recv"));
        Assert.Equal(3, _world.Exporter("exp/logs").Items);
    }

    [Fact]
    public async Task Swap_PipelineRemoved_DisconnectsItsSignal()
    {
        var graph = await StartedAsync(_world.Config(["traces: recv -> exp", "logs: recv -> exp/logs"]));

        await _world.SwapAsync(graph, _world.Config(["traces: recv -> exp"]));

        Assert.False(_world.Receiver().Outlets[(int)Signal.Logs].IsConnected);
        Assert.Equal("not_connected", (await _world.Receiver().SendAsync(Signal.Logs)).Reason);
    }

    [Fact]
    public async Task Swap_NewExporterCannotStart_LeavesFormerGraphAsItWas()
    {
        var graph = await StartedAsync(_world.Config(["traces: recv -> exp"]));
        FailStartOf("exp/bad");

        var e = await Assert.ThrowsAsync<ComponentStartException>(
            () => _world.SwapAsync(graph, _world.Config(["traces: recv -> exp/new, exp/bad"])));

        Assert.Equal("exporter \"exp/bad\": in use", e.Message);
        Assert.True((await _world.Receiver().SendAsync(items: 4)).IsAccepted);
        Assert.Equal(4, _world.Exporter().Items);
        Assert.Equal(["start exp/new", "stop exp/bad", "stop exp/new"], _world.Journal.Entries.Order());
    }

    [Fact]
    public async Task Swap_ChangedReceiverOnTakenAddress_StopsFormerThenStarts()
    {
        var graph = await StartedAsync(_world.Config(["traces: recv -> exp"]));
        var former = _world.Receiver();
        var isTaken = true;
        former.OnStop = () =>
        {
            isTaken = false;
            return Task.CompletedTask;
        };
        _world.OnCreate = (name, component) => component.OnStart = () =>
            isTaken ? throw new ComponentStartException("address already in use") : Task.CompletedTask;

        await _world.SwapAsync(graph, _world.Config(["traces: recv -> exp"], settings: [("recv", "v2")]));

        Assert.Equal(["stop recv#2", "stop recv", "start recv#3"], _world.Journal.Entries);
        Assert.True((await _world.Receiver().SendAsync()).IsAccepted);
    }

    [Fact]
    public async Task Swap_ChangedReceiverNeverStarts_StartsFormerAgain()
    {
        var graph = await StartedAsync(_world.Config(["traces: recv -> exp"]));
        _world.OnCreate = static (name, component) => component.OnStart = () =>
            name == "recv#4" ? Task.CompletedTask : throw new ComponentStartException("no certificate");

        await Assert.ThrowsAsync<ComponentStartException>(
            () => _world.SwapAsync(graph, _world.Config(["traces: recv -> exp"], settings: [("recv", "v2")])));

        // The fourth instance is the former configuration's, connected to the former pipelines.
        Assert.Equal(ComponentStatus.OK, graph.Parts.Receivers.Values.Single().Health.Report.Status);
        Assert.True((await _world.Receiver().SendAsync(items: 2)).IsAccepted);
        Assert.Equal(2, _world.Exporter().Items);
    }

    [Fact]
    public async Task Swap_ExporterWithStorageChanged_HandsOverWithoutBothRunning()
    {
        var graph = await StartedAsync(_world.Config(
            ["traces: recv -> exp"], extensions: ["ext"], settings: [("exp", "uses storage")]));

        await _world.SwapAsync(graph, _world.Config(
            ["traces: recv -> exp"], extensions: ["ext"], settings: [("exp", "uses storage more")]));

        Assert.Equal(["stop exp", "start exp#2"], _world.Journal.Entries);
        Assert.True((await _world.Receiver().SendAsync(items: 6)).IsAccepted);
        Assert.Equal(6, _world.Exporter().Items);
    }

    [Fact]
    public async Task Swap_ExtensionChanged_ReplacesWhatDependsOnIt()
    {
        IReadOnlyList<(string, string)> before = [("exp", "uses storage")];
        var graph = await StartedAsync(_world.Config(["traces: recv -> exp, exp/2"], extensions: ["ext"], settings: before));

        await _world.SwapAsync(graph, _world.Config(
            ["traces: recv -> exp, exp/2"], extensions: ["ext"], settings: [("exp", "uses storage"), ("ext", "v2")]));

        Assert.Equal((2, 2, 1), (_world.Instances("ext"), _world.Instances("exp"), _world.Instances("exp/2")));
    }

    [Fact]
    public async Task Swap_CallInsideRemovedExporter_WaitsForItBeforeStopping()
    {
        var graph = await StartedAsync(_world.Config(["traces: recv -> exp"]));
        var inside = new TaskCompletionSource();
        var go = new TaskCompletionSource();
        _world.Exporter().OnConsume = async _ =>
        {
            inside.SetResult();
            await go.Task;
            return ConsumeResult.Accepted;
        };
        var sending = _world.Receiver().SendAsync(items: 5).AsTask();
        await inside.Task;
        var former = _world.Exporter();

        var swapping = _world.SwapAsync(graph, _world.Config(["traces: recv -> exp"], settings: [("exp", "v2")]));

        Assert.DoesNotContain("stop exp", _world.Journal.Entries);
        go.SetResult();
        await swapping;
        Assert.True((await sending).IsAccepted);
        Assert.Equal(5, former.Items);
    }

    [Fact]
    public async Task Swap_UnderLoad_RefusesAndLosesNothing()
    {
        // Scenario: four senders send without pause while exporters, chains and pipelines are swapped back and forth.
        // Guarantees: every batch is accepted, and every accepted item is at some exporter exactly once.
        var first = _world.Config(["traces: recv -> pass -> exp"]);
        var second = _world.Config(["traces: recv -> pass, pass/2 -> exp"], settings: [("exp", "v2")]);
        var exporters = new List<TestExporter>();
        _world.OnCreate = (_, component) =>
        {
            if (component is TestExporter exporter)
            {
                exporters.Add(exporter);
            }
        };
        var graph = await StartedAsync(first);
        using var stop = new CancellationTokenSource();
        var receiver = _world.Receiver();
        var senders = Enumerable.Range(0, 4).Select(_ => Task.Run(() => SendUntilAsync(receiver, stop.Token))).ToArray();

        for (var i = 0; i < 50; i++)
        {
            graph = await _world.SwapAsync(graph, i % 2 == 0 ? second : first);
        }

        await stop.CancelAsync();
        var sent = (await Task.WhenAll(senders)).Sum();
        Assert.Equal(sent, exporters.Sum(static e => (long)e.Items));
        Assert.Equal(1, _world.Instances("recv"));
    }

    private static async Task<long> SendUntilAsync(TestReceiver receiver, CancellationToken stop)
    {
        long sent = 0;
        while (!stop.IsCancellationRequested)
        {
            var answer = await receiver.SendAsync(items: 3);
            Assert.True(answer.IsAccepted, answer.Message);
            sent += 3;
            await Task.Yield();
        }

        return sent;
    }

    private void FailStartOf(string name) => _world.OnCreate = (created, component) =>
    {
        if (created == name)
        {
            component.OnStart = static () => throw new ComponentStartException("in use");
        }
    };

    private async Task<PipelineGraph> StartedAsync(CollectorConfig config)
    {
        var graph = _world.Build(config);
        await graph.StartAsync(CancellationToken.None);
        _world.Journal.Clear();
        return graph;
    }
}
