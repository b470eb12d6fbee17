using System.Linq;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>The rules on what the service and the components refer to. Messages are the Collector's where it has one.</summary>
/// <param name="config">The components that could be read.</param>
/// <param name="declared">Every id in the document.</param>
/// <param name="errors">Takes the problems.</param>
internal sealed class ReferenceRules(CollectorConfig config, DeclaredComponents declared, ConfigErrors errors)
{
    /// <summary>Checks everything that is used.</summary>
    /// <param name="usage">What the service uses.</param>
    public void Check(ServiceUsage usage)
    {
        CheckAmbiguous();
        foreach (var use in usage.Extensions)
        {
            if (!declared.Has(ComponentKind.Extension, use.Id))
            {
                NotConfigured(use, "service::extensions", ComponentKind.Extension);
            }
        }

        foreach (var pipeline in usage.Pipelines)
        {
            CheckPipeline(pipeline);
        }

        CheckRequiredExtensions(usage);
    }

    private static string Quoted(IEnumerable<string> names) =>
        string.Join(", ", names.Order(StringComparer.Ordinal).Select(static name => $"\"{name}\""));

    private void CheckAmbiguous()
    {
        foreach (var (id, position) in declared.Of(ComponentKind.Connector))
        {
            foreach (var kind in (ComponentKind[])[ComponentKind.Exporter, ComponentKind.Receiver])
            {
                if (declared.Has(kind, id))
                {
                    errors.Add(
                        position,
                        $"connectors::{id}",
                        $"ambiguous ID: Found both \"{id}\" {kind.Noun()} and \"{id}\" connector. Change one of the components' IDs "
                            + $"to eliminate ambiguity (e.g. rename \"{id}\" connector to \"{id}/connector\")");
                }
            }
        }
    }

    private void CheckPipeline(PipelineUsage pipeline)
    {
        foreach (var use in pipeline.Receivers)
        {
            CheckEnd(pipeline, use, ComponentKind.Receiver, config.Receivers.GetValueOrDefault(use.Id)?.Factory.Signals);
        }

        var seen = new HashSet<ComponentId>();
        foreach (var use in pipeline.Processors)
        {
            if (!seen.Add(use.Id))
            {
                errors.Add(use.Position, pipeline.Path, $"references processor \"{use.Id}\" multiple times");
            }
            else if (!declared.Has(ComponentKind.Processor, use.Id))
            {
                NotConfigured(use, pipeline.Path, ComponentKind.Processor);
            }
            else
            {
                CheckSignal(pipeline, use, ComponentKind.Processor, config.Processors.GetValueOrDefault(use.Id)?.Factory.Signals);
            }
        }

        foreach (var use in pipeline.Exporters)
        {
            CheckEnd(pipeline, use, ComponentKind.Exporter, config.Exporters.GetValueOrDefault(use.Id)?.Factory.Signals);
        }
    }

    // The first or last of a pipeline, which can also be a connector; connectors have rules of their own.
    private void CheckEnd(PipelineUsage pipeline, ComponentUse use, ComponentKind kind, IReadOnlyList<Signal>? signals)
    {
        if (declared.Has(kind, use.Id))
        {
            CheckSignal(pipeline, use, kind, signals);
        }
        else if (!declared.Has(ComponentKind.Connector, use.Id))
        {
            NotConfigured(use, pipeline.Path, kind);
        }
    }

    private void CheckSignal(PipelineUsage pipeline, ComponentUse use, ComponentKind kind, IReadOnlyList<Signal>? signals)
    {
        if (signals is not null && !signals.Contains(pipeline.Id.Signal))
        {
            var supported = string.Join(", ", signals.Select(static signal => signal.PipelineName()));
            errors.Add(
                use.Position,
                pipeline.Path,
                $"telemetry type is not supported: {kind.Noun()} \"{use.Id}\" takes {supported}, got {pipeline.Id.Signal.PipelineName()}");
        }
    }

    private void NotConfigured(ComponentUse use, string path, ComponentKind kind)
    {
        var names = declared.Of(kind).Keys.Select(static id => id.ToString()).ToList();
        if (kind is ComponentKind.Receiver or ComponentKind.Exporter)
        {
            names.AddRange(declared.Of(ComponentKind.Connector).Keys.Select(static id => id.ToString()));
        }

        var configured = names.Count == 0 ? "; none is configured" : $"; configured are {Quoted(names)}";
        var hint = NearestWord.Find(use.Id.ToString(), names) is { } nearest ? $"; did you mean \"{nearest}\"?" : "";
        errors.Add(use.Position, path, $"references {kind.Noun()} \"{use.Id}\" which is not configured{configured}{hint}");
    }

    private void CheckRequiredExtensions(ServiceUsage usage)
    {
        var running = usage.Extensions.Select(static use => use.Id).ToHashSet();
        var receivers = usage.Pipelines.SelectMany(static pipeline => pipeline.Receivers).Select(static use => use.Id).ToHashSet();
        var processors = usage.Pipelines.SelectMany(static pipeline => pipeline.Processors).Select(static use => use.Id).ToHashSet();
        var exporters = usage.Pipelines.SelectMany(static pipeline => pipeline.Exporters).Select(static use => use.Id).ToHashSet();
        CheckRequired(config.Receivers, ComponentKind.Receiver, receivers, running);
        CheckRequired(config.Processors, ComponentKind.Processor, processors, running);
        CheckRequired(config.Exporters, ComponentKind.Exporter, exporters, running);
        CheckRequired(config.Connectors, ComponentKind.Connector, exporters, running);
        CheckRequired(config.Extensions, ComponentKind.Extension, running, running);
    }

    private void CheckRequired<TFactory, TCreate>(
        IReadOnlyDictionary<ComponentId, ComponentEntry<TFactory, TCreate>> components,
        ComponentKind kind,
        HashSet<ComponentId> used,
        HashSet<ComponentId> running)
        where TFactory : ComponentFactory<TCreate>
        where TCreate : Delegate
    {
        foreach (var entry in components.Values.Where(entry => used.Contains(entry.Id)))
        {
            foreach (var (setting, extension) in entry.Plan.RequiredExtensions)
            {
                var use = new ComponentUse(extension, PositionOf(entry.Node, setting) ?? entry.Position);
                var path = $"{kind.SectionKey()}::{entry.Id}::{setting}";
                if (!declared.Has(ComponentKind.Extension, extension))
                {
                    NotConfigured(use, path, ComponentKind.Extension);
                }
                else if (!running.Contains(extension))
                {
                    errors.Add(use.Position, path, $"references extension \"{extension}\" which is not listed in service::extensions");
                }
            }
        }
    }

    private static SourcePosition? PositionOf(ConfigNode node, string setting)
    {
        foreach (var key in setting.Split("::"))
        {
            if ((node as ConfigMap)?.Find(key) is not { } entry)
            {
                return null;
            }

            node = entry.Value;
        }

        return node.Position;
    }
}
