using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Collector.Cli;

/// <summary>The output of <c>components</c>: the parts of this build in the Collector's form.</summary>
internal static class ComponentList
{
    private static readonly SourcePosition Nowhere = new(BuildInfo.Command, 1, 1);

    /// <summary>Builds the document.</summary>
    /// <param name="registry">The components.</param>
    public static ConfigMap Of(ComponentRegistry registry)
    {
        var entries = new List<ConfigEntry>
        {
            Entry("buildinfo", Map(
                Entry("command", Text(BuildInfo.Command)),
                Entry("description", Text(BuildInfo.Description)),
                Entry("version", Text(BuildInfo.Version)))),
        };
        foreach (var kind in (ComponentKind[])[ComponentKind.Receiver, ComponentKind.Processor, ComponentKind.Exporter, ComponentKind.Connector, ComponentKind.Extension])
        {
            var items = new List<ConfigNode>();
            foreach (var factory in registry.All(kind))
            {
                items.Add(Describe(factory));
            }

            entries.Add(Entry(kind.SectionKey(), List(items)));
        }

        var providers = new List<ConfigNode>();
        foreach (var scheme in ConfigLoader.Schemes)
        {
            providers.Add(Map(Entry("scheme", Text(scheme)), Entry("module", Text(Module(typeof(ConfigLoader))))));
        }

        entries.Add(Entry("providers", List(providers)));
        return Map([.. entries]);
    }

    private static ConfigMap Describe(ComponentFactory factory)
    {
        var stability = new List<ConfigEntry>();
        foreach (var name in Uses(factory))
        {
            stability.Add(Entry(name, Text(factory.Stability.ToString())));
        }

        stability.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        var aliases = new List<ConfigNode>();
        foreach (var alias in factory.Aliases)
        {
            aliases.Add(Text(alias));
        }

        return Map(
        [
            Entry("name", Text(factory.Type)),
            .. aliases.Count == 0 ? (ConfigEntry[])[] : [Entry("aliases", List(aliases))],
            Entry("module", Text(Module(factory.GetType()))),
            Entry("stability", Map([.. stability])),
        ]);
    }

    private static List<string> Uses(ComponentFactory factory)
    {
        var uses = new List<string>();
        switch (factory)
        {
            case ReceiverFactory receiver:
                uses.AddRange(Names(receiver.Signals));
                break;
            case ProcessorFactory processor:
                uses.AddRange(Names(processor.Signals));
                break;
            case ExporterFactory exporter:
                uses.AddRange(Names(exporter.Signals));
                break;
            case ConnectorFactory connector:
                foreach (var (from, to) in connector.Routes)
                {
                    uses.Add($"{from.PipelineName()}-to-{to.PipelineName()}");
                }

                break;
            default:
                uses.Add("extension");
                break;
        }

        return uses;
    }

    private static IEnumerable<string> Names(IReadOnlyList<Signal> signals)
    {
        foreach (var signal in signals)
        {
            yield return signal.PipelineName();
        }
    }

    private static string Module(Type type) => $"{type.Assembly.GetName().Name} v{BuildInfo.Version}";

    private static ConfigEntry Entry(string key, ConfigNode value) => new(key, Nowhere, value);

    private static ConfigMap Map(params ConfigEntry[] entries) => new() { Entries = entries, Position = Nowhere };

    private static ConfigList List(IReadOnlyList<ConfigNode> items) => new() { Items = items, Position = Nowhere };

    private static ConfigScalar Text(string text) => new() { Kind = ScalarKind.Text, Text = text, Position = Nowhere };
}
