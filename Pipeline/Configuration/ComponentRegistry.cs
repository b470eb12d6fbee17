using System.Diagnostics.CodeAnalysis;

namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>Every component type of a build, by kind and by name.</summary>
public sealed class ComponentRegistry
{
    private readonly Dictionary<(ComponentKind Kind, string Type), ComponentFactory> _byName = [];
    private readonly List<ComponentFactory>[] _byKind = [[], [], [], [], []];

    /// <summary>Takes the factories; their kind follows from their base type.</summary>
    /// <param name="factories">A factory a component type.</param>
    /// <exception cref="ArgumentException">Two factories of a kind share a name, or one is of no known kind.</exception>
    public ComponentRegistry(params IReadOnlyList<ComponentFactory> factories)
    {
        foreach (var factory in factories)
        {
            var kind = KindOf(factory);
            _byKind[(int)kind].Add(factory);
            foreach (var name in (string[])[factory.Type, .. factory.Aliases])
            {
                if (!_byName.TryAdd((kind, name), factory))
                {
                    throw new ArgumentException($"two {kind.SectionKey()} are called {name}", nameof(factories));
                }
            }
        }

        foreach (var list in _byKind)
        {
            list.Sort(static (a, b) => string.CompareOrdinal(a.Type, b.Type));
        }
    }

    /// <summary>The factories of a kind, by type name.</summary>
    /// <param name="kind">The kind.</param>
    public IReadOnlyList<ComponentFactory> All(ComponentKind kind) => _byKind[(int)kind];

    /// <summary>Finds a factory by its type name or by an alias.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="type">The name in the configuration.</param>
    /// <param name="factory">The factory.</param>
    /// <typeparam name="TFactory">The kind of factory, or <see cref="ComponentFactory"/>.</typeparam>
    public bool TryFind<TFactory>(ComponentKind kind, string type, [NotNullWhen(true)] out TFactory? factory)
        where TFactory : ComponentFactory
    {
        factory = _byName.GetValueOrDefault((kind, type)) as TFactory;
        return factory is not null;
    }

    private static ComponentKind KindOf(ComponentFactory factory) => factory switch
    {
        ReceiverFactory => ComponentKind.Receiver,
        ProcessorFactory => ComponentKind.Processor,
        ExporterFactory => ComponentKind.Exporter,
        ConnectorFactory => ComponentKind.Connector,
        ExtensionFactory => ComponentKind.Extension,
        _ => throw new ArgumentException($"{factory.GetType()} makes no known kind of component"),
    };
}
