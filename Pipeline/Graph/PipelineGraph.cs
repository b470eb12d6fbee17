using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline.Graph;

/// <summary>
/// The components of one configuration, connected. Started from the sinks towards the sources, stopped the other way
/// round; a reload (<see cref="GraphSwap"/>) builds the next graph around the components that have not changed.
/// </summary>
internal sealed class PipelineGraph
{
    /// <summary>Takes what <see cref="GraphBuilder"/> has built.</summary>
    /// <param name="parts">The parts.</param>
    internal PipelineGraph(GraphParts parts) => Parts = parts;

    /// <summary>What the graph is made of.</summary>
    public GraphParts Parts { get; }

    /// <summary>Creates the components of a configuration and connects them; nothing is started.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="graphContext">What outlives every reload.</param>
    /// <exception cref="ComponentStartException">Connectors lead data in a circle.</exception>
    public static PipelineGraph Build(CollectorConfig config, GraphContext graphContext) =>
        new GraphBuilder(config, graphContext, former: null).Build();

    /// <summary>Starts everything: extensions, then what sends data, then what receives it.</summary>
    /// <param name="cancellation">The start is given up.</param>
    /// <exception cref="ComponentStartException">A component cannot start; those that had been are stopped again.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var started = new List<ComponentNode>();
        try
        {
            foreach (var wave in Parts.StartWaves())
            {
                foreach (var node in wave)
                {
                    started.Add(node);
                    await node.StartAsync(cancellation).ConfigureAwait(false);
                }
            }
        }
        catch
        {
            await StopAsync(started.Contains, cancellation).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops everything, upstream first; components that do not depend on each other drain at the same time.</summary>
    /// <param name="cancellation">The limit on draining.</param>
    public Task StopAsync(CancellationToken cancellation) => StopAsync(static _ => true, cancellation);

    /// <summary>Stops some of the components, in the order of all.</summary>
    /// <param name="which">Which ones.</param>
    /// <param name="cancellation">The limit on draining.</param>
    internal async Task StopAsync(Func<ComponentNode, bool> which, CancellationToken cancellation)
    {
        var failures = new List<Exception>();
        foreach (var wave in Parts.StopWaves())
        {
            var stopping = new List<Task>();
            foreach (var node in wave)
            {
                if (which(node))
                {
                    stopping.Add(StopOneAsync(node));
                }
            }

            await Task.WhenAll(stopping).ConfigureAwait(false);
        }

        if (failures.Count > 0)
        {
            throw new AggregateException("components failed to stop", failures);
        }

        // A component that throws must not keep the others from draining; all failures are thrown at the end.
        async Task StopOneAsync(ComponentNode node)
        {
            try
            {
                await node.StopAsync(cancellation).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                node.Health.Set(ComponentStatus.Stopped, e.Message);
                lock (failures)
                {
                    failures.Add(e);
                }
            }
        }
    }

    /// <summary>Shows this graph's pipelines and extensions as the running ones.</summary>
    /// <param name="collector">Where they are shown.</param>
    public void ShowIn(CollectorStatus collector) => collector.Show(Parts.PipelineHealth(), Parts.ExtensionHealth());
}
