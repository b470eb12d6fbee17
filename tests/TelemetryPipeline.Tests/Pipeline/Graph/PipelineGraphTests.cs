using System.Linq;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Tests.Pipeline.Graph;

public sealed class PipelineGraphTests
{
    private readonly TestWorld _world = new();

    [Fact]
    public async Task StartAsync_Always_GoesFromSinksToSources()
    {
        var graph = _world.Build(_world.Config(["traces: recv -> pass, change -> exp"], extensions: ["ext"]));

        await graph.StartAsync(CancellationToken.None);

        Assert.Equal(["start ext", "start exp", "start change", "start pass", "start recv"], _world.Journal.Entries);
    }

    [Fact]
    public void Build_ProcessorInTwoPipelines_IsMadeForEachAndToldItsPipeline()
    {
        var pipelines = new List<string>();
        _world.OnCreate = (_, component) =>
        {
            if (component is TestProcessor processor)
            {
                pipelines.Add(processor.Pipeline);
            }
        };

        _world.Build(_world.Config(["traces/a: recv -> pass -> exp", "traces/b: recv -> pass -> exp"]));

        Assert.Equal(["traces/a", "traces/b"], pipelines.Order());
    }

    [Fact]
    public async Task StopAsync_Always_GoesFromSourcesToSinks()
    {
        var graph = await StartedAsync(_world.Config(["traces: recv -> pass, change -> exp"], extensions: ["ext"]));

        await graph.StopAsync(CancellationToken.None);

        Assert.Equal(["stop recv", "stop pass", "stop change", "stop exp", "stop ext"], _world.Journal.Entries);
    }

    [Fact]
    public async Task StopAsync_PipelinesJoinedByConnector_StopsUpstreamPipelineFirst()
    {
        // The downstream pipeline stands first in the file, so that the order does not come from there.
        var graph = await StartedAsync(_world.Config(["traces/b: conn -> pass/b -> exp", "traces/a: recv -> pass/a -> conn, exp"]));

        await graph.StopAsync(CancellationToken.None);

        Assert.Equal(["stop recv", "stop pass/a", "stop conn", "stop pass/b", "stop exp"], _world.Journal.Entries);
    }

    [Fact]
    public async Task StopAsync_Twice_StopsOnce()
    {
        var graph = await StartedAsync(_world.Config(["traces: recv -> exp"]));

        await graph.StopAsync(CancellationToken.None);
        await graph.StopAsync(CancellationToken.None);

        Assert.Equal(["stop recv", "stop exp"], _world.Journal.Entries);
    }

    [Fact]
    public async Task StopAsync_OneExporterHangs_OthersDrainAllTheSame()
    {
        var hang = new TaskCompletionSource();
        _world.OnCreate = (name, component) => component.OnStop = name == "exp/1" ? () => hang.Task : null;
        var graph = await StartedAsync(_world.Config(["traces: recv -> exp/1, exp/2"]));

        var stopping = graph.StopAsync(CancellationToken.None);

        Assert.Equal(["stop recv", "stop exp/2"], _world.Journal.Entries);
        hang.SetResult();
        await stopping;
    }

    [Fact]
    public async Task StartAsync_ComponentFails_StopsWhatHadStartedAndNamesIt()
    {
        _world.OnCreate = static (name, component) =>
        {
            if (name == "pass")
            {
                component.OnStart = static () => throw new ComponentStartException("no disk");
            }
        };
        var graph = _world.Build(_world.Config(["traces: recv -> pass -> exp"]));

        var e = await Assert.ThrowsAsync<ComponentStartException>(() => graph.StartAsync(CancellationToken.None));

        Assert.Equal("processor \"pass\": no disk", e.Message);
        Assert.Equal(["start exp", "stop pass", "stop exp"], _world.Journal.Entries);
    }

    [Fact]
    public async Task Build_SharedReceiverAndExporter_MakesOneInstanceAndOneProcessorEach()
    {
        await StartedAsync(_world.Config(["traces: recv -> pass -> exp", "logs: recv -> pass -> exp", "traces/2: recv -> pass -> exp"]));

        Assert.Equal((1, 3, 1), (_world.Instances("recv"), _world.Instances("pass"), _world.Instances("exp")));
    }

    [Fact]
    public async Task Receiver_SignalWithoutPipeline_IsNotConnected()
    {
        await StartedAsync(_world.Config(["traces: recv -> exp"]));

        Assert.Equal([true, false, false], _world.Receiver().Outlets.Select(static o => o.IsConnected));
    }

    [Fact]
    public async Task Consume_PipelineWithMutatingProcessor_LeavesOtherPipelineAlone()
    {
        await StartedAsync(_world.Config(
            ["traces/a: recv -> change -> exp/a", "traces/b: recv -> pass -> exp/b", "traces/c: recv -> change -> exp/c"]));

        await _world.Receiver().SendAsync(items: 10);

        Assert.Equal(
            (11, 10, 11), (_world.Exporter("exp/a").Items, _world.Exporter("exp/b").Items, _world.Exporter("exp/c").Items));
    }

    [Fact]
    public async Task Consume_TracesToLogsConnector_ReachesLogPipeline()
    {
        await StartedAsync(_world.Config(["traces: recv -> conn, exp/t", "logs: conn -> exp/l"]));

        await _world.Receiver().SendAsync(items: 5);

        Assert.Equal((5, 1), (_world.Exporter("exp/t").Items, _world.Exporter("exp/l").Items));
    }

    [Fact]
    public void Build_ConnectorsInCircle_IsRefused()
    {
        var config = _world.Config(["traces: recv, conn/2 -> conn/1", "traces/2: conn/1 -> conn/2"]);

        var e = Assert.Throws<ComponentStartException>(() => _world.Build(config));

        Assert.StartsWith("cycle detected: pipeline \"traces\" -> pipeline \"traces/2\"", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Consume_ThroughProcessors_CountsItemsInAndOutOncePerBatch()
    {
        await StartedAsync(_world.Config(["traces: recv -> change, pass -> exp"]));

        await _world.Receiver().SendAsync(items: 10);

        Assert.Equal(10, Items("incoming", "change"));
        Assert.Equal(11, Items("outgoing", "change"));
        Assert.Equal(11, Items("incoming", "pass"));
        Assert.Equal(11, Items("outgoing", "pass"));
    }

    [Fact]
    public async Task Admit_ExporterWouldRefuse_ReachesReceiver()
    {
        await StartedAsync(_world.Config(["traces: recv -> pass -> exp"]));
        _world.Exporter().Admission = ConsumeResult.Retry("queue_full", "full", TimeSpan.FromSeconds(3));

        var answer = _world.Receiver().Outlets[(int)Signal.Traces].Admit(Signal.Traces);

        Assert.Equal("queue_full", answer.Reason);
    }

    [Fact]
    public async Task Consume_SingleBranch_AllocatesNothing()
    {
        var graph = _world.Build(_world.Config(["traces: recv -> pass -> exp"]));
        var entry = graph.Parts.Pipelines.Values.Single();
        await entry.Tail.ConnectAsync(new Sink());
        using var batch = TestBatches.Of(Signal.Traces, 1);
        var tail = entry.Tail;
        var link = new TelemetryPipeline.Pipeline.Graph.StageLink(tail, new Counter(), new Counter());
        var head = new TelemetryPipeline.Pipeline.Graph.PipelineEntry(link, [tail]);
        Run(head, batch, 1000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(head, batch, 1000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static void Run(TelemetryPipeline.Pipeline.Graph.PipelineEntry head, OtlpBatch batch, int times)
        {
            for (var i = 0; i < times; i++)
            {
                _ = head.Admit(Signal.Traces);
                var answer = head.ConsumeAsync(batch, CancellationToken.None);
                Assert.True(answer.IsCompletedSuccessfully && answer.Result.IsAccepted);
            }
        }
    }

    [Fact]
    public async Task ReportStatus_OfSharedExporter_ShowsInEveryPipeline()
    {
        var graph = await StartedAsync(_world.Config(["traces: recv -> exp", "logs: recv -> exp"]));
        graph.ShowIn(_world.Surroundings.Collector);

        graph.Parts.Exporters.Values.Single().Health.Set(ComponentStatus.RecoverableError, "refused");

        Assert.All(
            _world.Surroundings.Collector.Pipelines,
            static p => Assert.Equal(ComponentStatus.RecoverableError, p.Exporters.Single().Report.Status));
    }

    private long Items(string direction, string processor) => _world.Metrics
        .Counter($"otelcol_processor_{direction}_items", "", ("processor", processor), ("otel_signal", "traces")).Value;

    private async Task<TelemetryPipeline.Pipeline.Graph.PipelineGraph> StartedAsync(
        TelemetryPipeline.Pipeline.Configuration.CollectorConfig config)
    {
        var graph = _world.Build(config);
        await graph.StartAsync(CancellationToken.None);
        _world.Journal.Clear();
        return graph;
    }

    private sealed class Sink : IConsumer
    {
        public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation) =>
            new(ConsumeResult.Accepted);
    }
}
