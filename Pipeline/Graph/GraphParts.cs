using System.Linq;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Pipeline.Graph;

/// <summary>The nodes of a graph and the orders they are gone through.</summary>
internal sealed record GraphParts
{
    /// <summary>The configuration they were built from.</summary>
    public required CollectorConfig Config { get; init; }

    /// <summary>Which component is used where.</summary>
    public required GraphPlan Plan { get; init; }

    /// <summary>The extensions, in order of their start.</summary>
    public required IReadOnlyList<ComponentNode> Extensions { get; init; }

    /// <summary>The receivers.</summary>
    public required IReadOnlyDictionary<ComponentId, ComponentNode> Receivers { get; init; }

    /// <summary>The exporters.</summary>
    public required IReadOnlyDictionary<ComponentId, ComponentNode> Exporters { get; init; }

    /// <summary>The connectors.</summary>
    public required IReadOnlyDictionary<ComponentId, ComponentNode> Connectors { get; init; }

    /// <summary>The pipelines.</summary>
    public required IReadOnlyDictionary<PipelineId, PipelineNode> Pipelines { get; init; }

    /// <summary>What each outlet leads to.</summary>
    public required IReadOnlyList<Wire> Wires { get; init; }

    /// <summary>Nodes taken over from the graph before.</summary>
    public required IReadOnlySet<ComponentNode> Kept { get; init; }

    /// <summary>Every node.</summary>
    public IEnumerable<ComponentNode> All() => StopWaves().SelectMany(static wave => wave);

    /// <summary>
    /// Nodes in the order of stopping; those of one wave do not feed each other. Receivers, then processors and
    /// connectors as data meets them, then all exporters together, then the extensions one by one.
    /// </summary>
    public IEnumerable<IReadOnlyList<ComponentNode>> StopWaves()
    {
        yield return [.. Receivers.Values];
        foreach (var wave in MiddleWaves())
        {
            yield return wave;
        }

        yield return [.. Exporters.Values];
        foreach (var extension in Extensions.Reverse())
        {
            yield return [extension];
        }
    }

    /// <summary>Nodes in the order of starting: the reverse.</summary>
    public IEnumerable<IReadOnlyList<ComponentNode>> StartWaves() => StopWaves().Reverse();

    /// <summary>The pipelines as extensions show them.</summary>
    public IReadOnlyList<PipelineHealth> PipelineHealth() =>
    [
        .. from pipeline in Config.Service.Pipelines
           select new PipelineHealth(
               pipeline.Id.ToString(),
               [.. pipeline.Receivers.Select(id => (Receivers.GetValueOrDefault(id) ?? Connectors[id]).Health)],
               [.. Pipelines[pipeline.Id].Processors.Select(static p => p.Health)],
               [.. pipeline.Exporters.Select(id => (Exporters.GetValueOrDefault(id) ?? Connectors[id]).Health)]),
    ];

    /// <summary>The extensions as other extensions show them.</summary>
    public IReadOnlyList<ComponentHealth> ExtensionHealth() => [.. Extensions.Select(static e => e.Health)];

    // A node's rank is the longest way to it from a receiver; nodes of equal rank cannot feed each other.
    private IEnumerable<IReadOnlyList<ComponentNode>> MiddleWaves()
    {
        var ranks = new Dictionary<ComponentNode, int>();
        foreach (var pipeline in Plan.UpstreamFirst)
        {
            var rank = 0;
            foreach (var id in pipeline.Receivers)
            {
                if (Connectors.TryGetValue(id, out var source) && ranks.TryGetValue(source, out var fed))
                {
                    rank = Math.Max(rank, fed);
                }
            }

            foreach (var processor in Pipelines[pipeline.Id].Processors)
            {
                ranks[processor] = ++rank;
            }

            foreach (var id in pipeline.Exporters)
            {
                if (Connectors.TryGetValue(id, out var sink))
                {
                    ranks[sink] = Math.Max(rank + 1, ranks.GetValueOrDefault(sink));
                }
            }
        }

        return from node in ranks
               group node.Key by node.Value into wave
               orderby wave.Key
               select (IReadOnlyList<ComponentNode>)wave.ToArray();
    }
}
