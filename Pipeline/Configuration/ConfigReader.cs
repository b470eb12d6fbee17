namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>Reads a resolved document: its components through their factories, then what the service makes of them.</summary>
/// <param name="registry">The components of this build.</param>
/// <param name="errors">Takes the problems.</param>
internal sealed class ConfigReader(ComponentRegistry registry, ConfigErrors errors)
{
    /// <summary>Reads a document.</summary>
    /// <param name="document">The document, merged and expanded.</param>
    /// <returns>The configuration, meaningless when there are errors; null for an empty document.</returns>
    public CollectorConfig? Read(ConfigMap document)
    {
        var root = new ConfigSection(document, document.Position, "", errors);
        if (document.Entries.Count == 0)
        {
            errors.Add(document.Position, "", "empty configuration file");
            return null;
        }

        var declared = new DeclaredComponents();
        var config = new CollectorConfig
        {
            Receivers = ReadComponents<ReceiverFactory, CreateReceiver>(root, ComponentKind.Receiver, declared),
            Processors = ReadComponents<ProcessorFactory, CreateProcessor>(root, ComponentKind.Processor, declared),
            Exporters = ReadComponents<ExporterFactory, CreateExporter>(root, ComponentKind.Exporter, declared),
            Connectors = ReadComponents<ConnectorFactory, CreateConnector>(root, ComponentKind.Connector, declared),
            Extensions = ReadComponents<ExtensionFactory, CreateExtension>(root, ComponentKind.Extension, declared),
            Service = new ServiceReader(errors).Read(root.Section("service"), out var usage),
        };
        root.Finish();
        RequireSome(ComponentKind.Receiver, "no receiver configuration specified in config");
        RequireSome(ComponentKind.Exporter, "no exporter configuration specified in config");
        new ReferenceRules(config, declared, errors).Check(usage);
        new ConnectorRules(config, errors).Check(usage);
        return config;

        void RequireSome(ComponentKind kind, string problem)
        {
            if (declared.Of(kind).Count == 0)
            {
                errors.Add(document.Position, "", problem);
            }
        }
    }

    private Dictionary<ComponentId, ComponentEntry<TFactory, TCreate>> ReadComponents<TFactory, TCreate>(
        ConfigSection root, ComponentKind kind, DeclaredComponents declared)
        where TFactory : ComponentFactory<TCreate>
        where TCreate : Delegate
    {
        var components = new Dictionary<ComponentId, ComponentEntry<TFactory, TCreate>>();
        var section = root.Section(kind.SectionKey());
        foreach (var entry in section.Entries())
        {
            var path = $"{section.Path}::{entry.Key}";
            if (!ComponentId.TryParse(entry.Key, out var id, out var problem))
            {
                errors.Add(entry.KeyPosition, section.Path, $"{problem}, got \"{ConfigWords.Shorten(entry.Key)}\"");
            }
            else if (!declared.TryAdd(kind, id, entry.KeyPosition))
            {
                errors.Add(entry.KeyPosition, path, $"the {kind.Noun()} \"{id}\" is configured twice");
            }
            else if (!registry.TryFind<TFactory>(kind, id.Type, out var factory))
            {
                errors.Add(entry.KeyPosition, path, UnknownType(kind, id));
            }
            else
            {
                if (factory.Type != id.Type)
                {
                    errors.AddWarning(
                        entry.KeyPosition, path, $"\"{id.Type}\" is a deprecated name of the {kind.Noun()} \"{factory.Type}\"; use the latter");
                }

                var errorsBefore = errors.Count;
                var settings = new ConfigSection(entry.Value, entry.KeyPosition, path, errors);
                var plan = factory.Plan(settings);
                settings.Finish();
                if (errors.Count == errorsBefore)
                {
                    components.Add(id, new ComponentEntry<TFactory, TCreate>(id, factory, plan, entry.Value, entry.KeyPosition));
                }
            }
        }

        return components;
    }

    private string UnknownType(ComponentKind kind, ComponentId id)
    {
        if (UpstreamComponents.Has(kind, id.Type))
        {
            return $"the {kind.Noun()} \"{id.Type}\" of the Collector is not in this build";
        }

        var names = new List<string>();
        foreach (var factory in registry.All(kind))
        {
            names.Add(factory.Type);
            names.AddRange(factory.Aliases);
        }

        var hint = NearestWord.Find(id.Type, names) is { } nearest ? $"; did you mean \"{nearest}\"?" : "";
        return $"unknown type: \"{id.Type}\" (valid values: {string.Join(", ", names)}){hint}";
    }
}
