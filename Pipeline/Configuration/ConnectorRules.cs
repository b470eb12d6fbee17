using System.Linq;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>The rules on connectors: used on both sides by signals they connect, and never in a circle.</summary>
/// <param name="config">The components that could be read.</param>
/// <param name="errors">Takes the problems.</param>
internal sealed class ConnectorRules(CollectorConfig config, ConfigErrors errors)
{
    /// <summary>Checks every connector that is used.</summary>
    /// <param name="usage">What the service uses.</param>
    public void Check(ServiceUsage usage)
    {
        foreach (var connector in config.Connectors.Values)
        {
            CheckSides(connector, usage.Pipelines);
        }

        CheckCycles(usage.Pipelines);
    }

    private void CheckSides(ComponentEntry<ConnectorFactory, CreateConnector> connector, IReadOnlyList<PipelineUsage> pipelines)
    {
        var sources = Uses(pipelines, connector.Id, static pipeline => pipeline.Exporters);
        var targets = Uses(pipelines, connector.Id, static pipeline => pipeline.Receivers);
        var routes = connector.Factory.Routes;
        foreach (var (pipeline, use) in sources.DistinctBy(static source => source.Pipeline.Id.Signal))
        {
            if (!targets.Any(target => routes.Contains((pipeline.Id.Signal, target.Pipeline.Id.Signal))))
            {
                Report(pipeline, use, "exporter", "receiver");
            }
        }

        foreach (var (pipeline, use) in targets.DistinctBy(static target => target.Pipeline.Id.Signal))
        {
            if (!sources.Any(source => routes.Contains((source.Pipeline.Id.Signal, pipeline.Id.Signal))))
            {
                Report(pipeline, use, "receiver", "exporter");
            }
        }
    }

    private void Report(PipelineUsage pipeline, ComponentUse use, string side, string other) =>
        errors.Add(
            use.Position,
            pipeline.Path,
            $"connector \"{use.Id}\" used as {side} in {pipeline.Id.Signal.PipelineName()} pipeline but not used in any supported {other} pipeline");

    private static List<(PipelineUsage Pipeline, ComponentUse Use)> Uses(
        IReadOnlyList<PipelineUsage> pipelines, ComponentId id, Func<PipelineUsage, IReadOnlyList<ComponentUse>> side) =>
        [.. pipelines.SelectMany(pipeline => side(pipeline).Where(use => use.Id == id).Select(use => (pipeline, use)))];

    // Depth first over the pipelines; a connector leads from one to another.
    private void CheckCycles(IReadOnlyList<PipelineUsage> pipelines)
    {
        var finished = new HashSet<PipelineId>();
        var trail = new List<(PipelineUsage Pipeline, ComponentUse Connector)>();
        foreach (var pipeline in pipelines)
        {
            Visit(pipeline);
        }

        void Visit(PipelineUsage pipeline)
        {
            if (finished.Contains(pipeline.Id))
            {
                return;
            }

            var begin = trail.FindIndex(step => step.Pipeline.Id == pipeline.Id);
            if (begin >= 0)
            {
                ReportCycle(trail[begin..]);
                return;
            }

            foreach (var use in pipeline.Exporters)
            {
                trail.Add((pipeline, use));
                foreach (var next in Targets(pipeline, use.Id, pipelines))
                {
                    Visit(next);
                }

                trail.RemoveAt(trail.Count - 1);
            }

            finished.Add(pipeline.Id);
        }
    }

    private IEnumerable<PipelineUsage> Targets(PipelineUsage from, ComponentId connector, IReadOnlyList<PipelineUsage> pipelines) =>
        config.Connectors.TryGetValue(connector, out var entry)
            ? pipelines.Where(to => to.Receivers.Any(use => use.Id == connector)
                && entry.Factory.Routes.Contains((from.Id.Signal, to.Id.Signal)))
            : [];

    // connector (a to b) -> processors of the pipeline it leads to -> the next connector ... -> the first again.
    private void ReportCycle(List<(PipelineUsage Pipeline, ComponentUse Connector)> cycle)
    {
        var steps = new List<string>();
        for (var i = 0; i < cycle.Count; i++)
        {
            var (from, connector) = cycle[i];
            var to = cycle[(i + 1) % cycle.Count].Pipeline;
            steps.Add($"connector \"{connector.Id}\" ({from.Id.Signal.PipelineName()} to {to.Id.Signal.PipelineName()})");
            steps.AddRange(to.Processors.Select(use => $"processor \"{use.Id}\" in pipeline \"{to.Id}\""));
        }

        steps.Add(steps[0]);
        errors.Add(cycle[0].Connector.Position, cycle[0].Pipeline.Path, $"cycle detected: {string.Join(" -> ", steps)}");
    }
}
