using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline;

/// <summary>Creates a connector from settings that were read.</summary>
/// <param name="context">The component's context; <see cref="ComponentContext.Signals"/> holds the signals it consumes.</param>
/// <param name="outlets">An outlet a signal it may emit, indexed by <see cref="Signal"/>; some are not connected.</param>
public delegate IConnector CreateConnector(ComponentContext context, IReadOnlyList<Outlet> outlets);

/// <summary>Makes connectors.</summary>
public abstract class ConnectorFactory : ComponentFactory<CreateConnector>
{
    /// <summary>From which signal to which it can lead.</summary>
    public abstract IReadOnlyList<(Signal From, Signal To)> Routes { get; }
}

/// <summary>Makes connectors of one type.</summary>
/// <typeparam name="TConfig">Their settings, an immutable record.</typeparam>
public abstract class ConnectorFactory<TConfig> : ConnectorFactory, IComponentFactory<TConfig>
{
    /// <inheritdoc/>
    public sealed override ComponentPlan<CreateConnector> Plan(ConfigSection section)
    {
        var config = ReadConfig(section);
        return new ComponentPlan<CreateConnector, TConfig>(config, (context, outlets) => Create(context, config, outlets), RequiredExtensions(config));
    }

    /// <inheritdoc/>
    public abstract TConfig ReadConfig(ConfigSection section);

    /// <summary>The extensions that settings name.</summary>
    /// <param name="config">The settings.</param>
    /// <returns>Pairs of the setting's path below the component and the extension's id.</returns>
    public virtual IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(TConfig config) => [];

    /// <summary>Creates a connector.</summary>
    /// <param name="context">The component's context; <see cref="ComponentContext.Signals"/> holds the signals it consumes.</param>
    /// <param name="config">Its settings.</param>
    /// <param name="outlets">An outlet a signal it may emit, indexed by <see cref="Signal"/>; some are not connected.</param>
    public abstract IConnector Create(ComponentContext context, TConfig config, IReadOnlyList<Outlet> outlets);
}
