namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>A whole, valid configuration. Immutable.</summary>
public sealed record CollectorConfig
{
    /// <summary>The receivers that are configured, used or not.</summary>
    public required IReadOnlyDictionary<ComponentId, ComponentEntry<ReceiverFactory>> Receivers { get; init; }

    /// <summary>The processors that are configured, used or not.</summary>
    public required IReadOnlyDictionary<ComponentId, ComponentEntry<ProcessorFactory>> Processors { get; init; }

    /// <summary>The exporters that are configured, used or not.</summary>
    public required IReadOnlyDictionary<ComponentId, ComponentEntry<ExporterFactory>> Exporters { get; init; }

    /// <summary>The connectors that are configured, used or not.</summary>
    public required IReadOnlyDictionary<ComponentId, ComponentEntry<ConnectorFactory>> Connectors { get; init; }

    /// <summary>The extensions that are configured; only those in <see cref="ServiceConfig.Extensions"/> run.</summary>
    public required IReadOnlyDictionary<ComponentId, ComponentEntry<ExtensionFactory>> Extensions { get; init; }

    /// <summary>What runs, and how.</summary>
    public required ServiceConfig Service { get; init; }
}

/// <summary>A component's part of the configuration.</summary>
/// <typeparam name="TFactory">The kind of its factory.</typeparam>
/// <param name="Id">Its id as written, also where the type is an alias.</param>
/// <param name="Factory">What makes it.</param>
/// <param name="Config">What <see cref="ComponentFactory.ReadConfig"/> returned.</param>
/// <param name="Node">
/// The settings after merging and expansion; on a reload a component whose factory and node are the same
/// (<see cref="ConfigNode.SameAs"/>) need not be built anew.
/// </param>
/// <param name="Position">Where its key stands.</param>
public sealed record ComponentEntry<TFactory>(
    ComponentId Id, TFactory Factory, object Config, ConfigNode Node, SourcePosition Position)
    where TFactory : ComponentFactory;

/// <summary>A pipeline as configured. Names of receivers and exporters may be those of connectors.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Receivers">Receivers and connectors it begins with, at least one.</param>
/// <param name="Processors">Processors in order.</param>
/// <param name="Exporters">Exporters and connectors it ends in, at least one.</param>
/// <param name="Position">Where its key stands.</param>
public sealed record PipelineConfig(
    PipelineId Id,
    IReadOnlyList<ComponentId> Receivers,
    IReadOnlyList<ComponentId> Processors,
    IReadOnlyList<ComponentId> Exporters,
    SourcePosition Position);
