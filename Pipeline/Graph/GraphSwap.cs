using System.Linq;
using Microsoft.Extensions.Logging;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline.Graph;

/// <summary>
/// Replaces a running graph by the one of another configuration. Components that have not changed keep running and
/// are connected anew; what is new is started before, what is gone is drained and stopped after. Whatever fails before
/// the swap leaves the running graph as it was.
/// </summary>
/// <param name="former">The running graph.</param>
/// <param name="graphContext">What outlives every reload.</param>
/// <param name="logger">Where the steps are reported.</param>
internal sealed partial class GraphSwap(PipelineGraph former, GraphContext graphContext, ILogger logger)
{
    private readonly List<ComponentNode> _started = [];
    private readonly List<ComponentNode> _stoppedEarly = [];

    /// <summary>Swaps.</summary>
    /// <param name="config">The next configuration.</param>
    /// <param name="drainLimit">The longest time for draining what is gone.</param>
    /// <param name="cancellation">The swap is given up, as long as it has not taken place.</param>
    /// <returns>The graph that runs now.</returns>
    /// <exception cref="ComponentStartException">Something new cannot start; the former graph runs on.</exception>
    public async Task<PipelineGraph> RunAsync(CollectorConfig config, TimeSpan drainLimit, CancellationToken cancellation)
    {
        var next = new GraphBuilder(config, graphContext, former).Build();
        using var limit = new CancellationTokenSource(drainLimit, graphContext.Time);
        try
        {
            await StartNewAsync(next, limit.Token, cancellation).ConfigureAwait(false);
        }
        catch
        {
            await BackAsync(next, limit.Token).ConfigureAwait(false);
            throw;
        }

        await ReconnectAsync(next, limit.Token).ConfigureAwait(false);
        await HandOverAsync(next, limit.Token).ConfigureAwait(false);
        var running = next.Parts.All().ToHashSet();
        try
        {
            await former.StopAsync(node => !running.Contains(node) && !_stoppedEarly.Contains(node), limit.Token)
                .ConfigureAwait(false);
        }
        catch (AggregateException e)
        {
            // The next graph runs already; what is left of the former one does not change that.
            LogNotStopped(logger, e);
        }

        return next;
    }

    private async Task StartNewAsync(PipelineGraph next, CancellationToken drainLimit, CancellationToken cancellation)
    {
        foreach (var node in next.Parts.StartWaves().SelectMany(static wave => wave))
        {
            if (next.Parts.Kept.Contains(node) || node.Handover is not null)
            {
                continue;
            }

            _started.Add(node);
            try
            {
                await node.StartAsync(cancellation).ConfigureAwait(false);
            }
            catch (ComponentStartException) when (Rivals(next, node).Count > 0)
            {
                await TakeOverAsync(next, node, drainLimit, cancellation).ConfigureAwait(false);
            }
        }
    }

    // The address may be that of a listener that is to go: its last requests are answered by the former graph, then
    // the new one listens. Between the two, clients are refused a connection and try again.
    private async Task TakeOverAsync(
        PipelineGraph next, ComponentNode node, CancellationToken drainLimit, CancellationToken cancellation)
    {
        await node.StopAsync(drainLimit).ConfigureAwait(false);
        foreach (var rival in Rivals(next, node))
        {
            _stoppedEarly.Add(rival);
            await rival.StopAsync(drainLimit).ConfigureAwait(false);
        }

        if (node.Health.Kind == ComponentKind.Receiver)
        {
            node.Recreate();
        }

        await node.StartAsync(cancellation).ConfigureAwait(false);
    }

    // Receivers and extensions that the next graph does not have and that still run: they may hold what a new one needs.
    private List<ComponentNode> Rivals(PipelineGraph next, ComponentNode node)
    {
        var candidates = node.Health.Kind switch
        {
            ComponentKind.Receiver => former.Parts.Receivers.Values,
            ComponentKind.Extension => former.Parts.Extensions,
            _ => [],
        };
        return [.. candidates.Where(c => !next.Parts.Kept.Contains(c) && !_stoppedEarly.Contains(c))];
    }

    private async Task BackAsync(PipelineGraph next, CancellationToken drainLimit)
    {
        await next.StopAsync(_started.Contains, drainLimit).ConfigureAwait(false);
        foreach (var node in _stoppedEarly)
        {
            try
            {
                if (node.Health.Kind == ComponentKind.Receiver)
                {
                    node.Recreate();
                }

                await node.StartAsync(CancellationToken.None).ConfigureAwait(false);
            }
            catch (ComponentStartException e)
            {
                LogNotRestarted(logger, e);
            }
        }
    }

    private async Task ReconnectAsync(PipelineGraph next, CancellationToken drainLimit)
    {
        var drained = new List<Task>();
        var outlets = former.Parts.Wires.Select(static w => w.Outlet).ToHashSet();
        foreach (var wire in next.Parts.Wires.Except(former.Parts.Wires).Where(w => outlets.Contains(w.Outlet)))
        {
            drained.Add(wire.Outlet.ConnectAsync(wire.Target));
        }

        try
        {
            await Task.WhenAll(drained).WaitAsync(drainLimit).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Callers still inside what is to be stopped get its answer to a batch after the stop: a retry.
        }
    }

    private async Task HandOverAsync(PipelineGraph next, CancellationToken drainLimit)
    {
        foreach (var node in next.Parts.All().Except(next.Parts.Kept).ToArray())
        {
            if (node.Handover is not { } handover)
            {
                continue;
            }

            var predecessors = former.Parts.Exporters.Values.Concat(former.Parts.Connectors.Values);
            var predecessor = predecessors.First(n => n.Health.Id == node.Health.Id);
            _stoppedEarly.Add(predecessor);
            await predecessor.StopAsync(drainLimit).ConfigureAwait(false);
            try
            {
                await node.StartAsync(CancellationToken.None).ConfigureAwait(false);
                handover.Open();
            }
            catch (ComponentStartException e)
            {
                handover.Fail(e.Message);
                LogNotHandedOver(logger, e);
            }
        }
    }
}
