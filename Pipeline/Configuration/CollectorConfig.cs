namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>A whole, valid configuration. Immutable.</summary>
public sealed record CollectorConfig
{
    /// <summary>The receivers that are configured, used or not.</summary>
    public required IReadOnlyDictionary<ComponentId, ComponentEntry<ReceiverFactory, CreateReceiver>> Receivers { get; init; }

    /// <summary>The processors that are configured, used or not.</summary>
    public required IReadOnlyDictionary<ComponentId, ComponentEntry<ProcessorFactory, CreateProcessor>> Processors { get; init; }

    /// <summary>The exporters that are configured, used or not.</summary>
    public required IReadOnlyDictionary<ComponentId, ComponentEntry<ExporterFactory, CreateExporter>> Exporters { get; init; }

    /// <summary>The connectors that are configured, used or not.</summary>
    public required IReadOnlyDictionary<ComponentId, ComponentEntry<ConnectorFactory, CreateConnector>> Connectors { get; init; }

    /// <summary>The extensions that are configured; only those in <see cref="ServiceConfig.Extensions"/> run.</summary>
    public required IReadOnlyDictionary<ComponentId, ComponentEntry<ExtensionFactory, CreateExtension>> Extensions { get; init; }

    /// <summary>What runs, and how.</summary>
    public required ServiceConfig Service { get; init; }
}

/// <summary>A component's part of the configuration.</summary>
/// <typeparam name="TFactory">The kind of its factory.</typeparam>
/// <typeparam name="TCreate">How a component of the kind is created.</typeparam>
/// <param name="Id">Its id as written, also where the type is an alias.</param>
/// <param name="Factory">What makes it.</param>
/// <param name="Plan">What to create.</param>
/// <param name="Node">
/// The settings after merging and expansion; on a reload a component whose factory and node are the same
/// (<see cref="ConfigNode.SameAs"/>) need not be built anew.
/// </param>
/// <param name="Position">Where its key stands.</param>
public sealed record ComponentEntry<TFactory, TCreate>(
    ComponentId Id, TFactory Factory, ComponentPlan<TCreate> Plan, ConfigNode Node, SourcePosition Position)
    where TFactory : ComponentFactory<TCreate>
    where TCreate : Delegate;

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
