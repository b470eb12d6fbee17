using System.Linq;

namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>Reads the <c>service</c> part of a document.</summary>
/// <param name="errors">Takes the problems.</param>
internal sealed class ServiceReader(ConfigErrors errors)
{
    /// <summary>Reads the part.</summary>
    /// <param name="service">The section.</param>
    /// <param name="usage">What is used where, for the rules across components.</param>
    public ServiceConfig Read(ConfigSection service, out ServiceUsage usage)
    {
        var defaults = new ServiceConfig { Extensions = [], Pipelines = [], Telemetry = new TelemetryConfig() };
        usage = new ServiceUsage(
            Distinct(ReadUses(service, "extensions"), "extension", service.Path + "::extensions"),
            ReadPipelines(service.Section("pipelines")));
        var config = new ServiceConfig
        {
            Extensions = Ids(usage.Extensions),
            Pipelines = [.. usage.Pipelines.Select(static pipeline => new PipelineConfig(
                pipeline.Id, Ids(pipeline.Receivers), Ids(pipeline.Processors), Ids(pipeline.Exporters), pipeline.Position))],
            Telemetry = TelemetryReader.Read(service.Section("telemetry")),
            FanOut = service.Word(
                "fan_out", defaults.FanOut, ("at_least_once", FanOutMode.AtLeastOnce), ("isolate", FanOutMode.Isolate)),
            ShutdownTimeout = service.Duration("shutdown_timeout", defaults.ShutdownTimeout),
        };
        service.Finish();
        return config;
    }

    private static List<ComponentId> Ids(IReadOnlyList<ComponentUse> uses) => [.. uses.Select(static use => use.Id)];

    private List<PipelineUsage> ReadPipelines(ConfigSection section)
    {
        var entries = section.Entries();
        if (entries.Count == 0)
        {
            section.Error("", "service must have at least one pipeline");
        }

        var pipelines = new List<PipelineUsage>();
        foreach (var entry in entries)
        {
            var path = $"{section.Path}::{entry.Key}";
            if (!PipelineId.TryParse(entry.Key, out var id, out var problem))
            {
                errors.Add(entry.KeyPosition, section.Path, $"{problem}, got \"{ConfigWords.Shorten(entry.Key)}\"");
                continue;
            }

            if (pipelines.Exists(other => other.Id == id))
            {
                errors.Add(entry.KeyPosition, path, $"the pipeline \"{id}\" is configured twice");
                continue;
            }

            var pipeline = new ConfigSection(entry.Value, entry.KeyPosition, path, errors);
            pipelines.Add(new PipelineUsage(
                id,
                path,
                entry.KeyPosition,
                Distinct(ReadRequiredUses(pipeline, "receivers", "receiver"), "receiver", path),
                ReadUses(pipeline, "processors"),
                Distinct(ReadRequiredUses(pipeline, "exporters", "exporter"), "exporter", path)));
            pipeline.Finish();
        }

        return pipelines;
    }

    private List<ComponentUse> ReadRequiredUses(ConfigSection pipeline, string key, string noun)
    {
        var errorsBefore = errors.Count;
        var uses = ReadUses(pipeline, key);
        if (uses.Count == 0 && errors.Count == errorsBefore)
        {
            pipeline.Error("", $"must have at least one {noun}");
        }

        return uses;
    }

    private List<ComponentUse> ReadUses(ConfigSection section, string key)
    {
        var uses = new List<ComponentUse>();
        foreach (var (text, position) in section.PlacedTexts(key))
        {
            if (ComponentId.TryParse(text, out var id, out var problem))
            {
                uses.Add(new ComponentUse(id, position));
            }
            else
            {
                errors.Add(position, $"{section.Path}::{key}", $"{problem}, got \"{ConfigWords.Shorten(text)}\"");
            }
        }

        return uses;
    }

    // The Collector takes a repeated id once, where order means nothing.
    private List<ComponentUse> Distinct(List<ComponentUse> uses, string noun, string path)
    {
        var seen = new HashSet<ComponentId>();
        var distinct = new List<ComponentUse>();
        foreach (var use in uses)
        {
            if (seen.Add(use.Id))
            {
                distinct.Add(use);
            }
            else
            {
                errors.AddWarning(use.Position, path, $"references {noun} \"{use.Id}\" multiple times; once is enough");
            }
        }

        return distinct;
    }
}
