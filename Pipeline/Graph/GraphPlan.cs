using System.Linq;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline.Graph;

/// <summary>Which components a configuration uses, for which signals, and in which order data meets them. Pure.</summary>
internal sealed class GraphPlan
{
    private readonly CollectorConfig _config;

    private GraphPlan(CollectorConfig config, IReadOnlyList<PipelineConfig> upstreamFirst)
    {
        _config = config;
        UpstreamFirst = upstreamFirst;
    }

    /// <summary>The pipelines; one that feeds another through a connector comes before it.</summary>
    public IReadOnlyList<PipelineConfig> UpstreamFirst { get; }

    /// <summary>Lays out a valid configuration.</summary>
    /// <param name="config">The configuration.</param>
    /// <exception cref="ComponentStartException">Connectors lead data in a circle.</exception>
    public static GraphPlan Of(CollectorConfig config)
    {
        var order = new List<PipelineConfig>();
        var state = new Dictionary<PipelineId, bool>();
        var path = new List<PipelineId>();
        foreach (var pipeline in config.Service.Pipelines)
        {
            Visit(pipeline);
        }

        order.Reverse();
        return new GraphPlan(config, order);

        // Depth first; a pipeline is entered with false and left with true, so meeting false again is a circle.
        void Visit(PipelineConfig pipeline)
        {
            path.Add(pipeline.Id);
            if (state.TryGetValue(pipeline.Id, out var done))
            {
                if (!done)
                {
                    var circle = path.Skip(path.IndexOf(pipeline.Id)).Select(static id => $"pipeline \"{id}\"");
                    throw new ComponentStartException($"cycle detected: {string.Join(" -> ", circle)}");
                }
            }
            else
            {
                state[pipeline.Id] = false;
                foreach (var next in FedBy(config, pipeline))
                {
                    Visit(next);
                }

                state[pipeline.Id] = true;
                order.Add(pipeline);
            }

            path.RemoveAt(path.Count - 1);
        }
    }

    /// <summary>Receivers that pipelines use, with the signals they are used for.</summary>
    public IEnumerable<(ComponentId Id, IReadOnlyList<Signal> Signals)> Receivers() =>
        Used(static p => p.Receivers, id => _config.Receivers.ContainsKey(id));

    /// <summary>Exporters that pipelines use, with the signals they are used for.</summary>
    public IEnumerable<(ComponentId Id, IReadOnlyList<Signal> Signals)> Exporters() =>
        Used(static p => p.Exporters, id => _config.Exporters.ContainsKey(id));

    /// <summary>Connectors that pipelines use, with the signals they consume.</summary>
    public IEnumerable<(ComponentId Id, IReadOnlyList<Signal> Signals)> Connectors() =>
        Used(static p => p.Exporters, id => _config.Connectors.ContainsKey(id));

    /// <summary>The pipelines of a signal that begin with a receiver or connector.</summary>
    /// <param name="source">The receiver or connector.</param>
    /// <param name="signal">The signal it emits.</param>
    public IEnumerable<PipelineConfig> From(ComponentId source, Signal signal) =>
        UpstreamFirst.Where(p => p.Id.Signal == signal && p.Receivers.Contains(source));

    private static IEnumerable<PipelineConfig> FedBy(CollectorConfig config, PipelineConfig pipeline) =>
        from id in pipeline.Exporters
        where config.Connectors.ContainsKey(id)
        let routes = config.Connectors[id].Factory.Routes
        from next in config.Service.Pipelines
        where next.Receivers.Contains(id) && routes.Contains((pipeline.Id.Signal, next.Id.Signal))
        select next;

    private IEnumerable<(ComponentId Id, IReadOnlyList<Signal> Signals)> Used(
        Func<PipelineConfig, IReadOnlyList<ComponentId>> ends, Func<ComponentId, bool> isOfKind) =>
        from pipeline in UpstreamFirst
        from id in ends(pipeline).Distinct()
        where isOfKind(id)
        group pipeline.Id.Signal by id into use
        select (use.Key, (IReadOnlyList<Signal>)use.Distinct().Order().ToArray());
}
