using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline;

/// <summary>How far a component is to be trusted, in the Collector's words.</summary>
public enum Stability : byte
{
    /// <summary>Settings may change; limited production use.</summary>
    Alpha,

    /// <summary>Settings change only with a migration path.</summary>
    Beta,

    /// <summary>Settings do not change within a major version.</summary>
    Stable,
}

/// <summary>Makes components of one type from their configuration.</summary>
/// <remarks>
/// A factory reads and validates the settings into an immutable record first, reporting every problem at once; only
/// when the whole configuration is valid are components created. Creating has no side effects outside the process:
/// sockets and files are opened by <see cref="IComponent.StartAsync"/>.
/// </remarks>
public abstract class ComponentFactory
{
    /// <summary>The type in component ids, for example <c>otlp</c>.</summary>
    public abstract string Type { get; }

    /// <summary>Former names that still work.</summary>
    public virtual IReadOnlyList<string> Aliases => [];

    /// <summary>How far the component is to be trusted.</summary>
    public virtual Stability Stability => Stability.Beta;

    /// <summary>Reads the settings; problems go to the section.</summary>
    /// <param name="section">The component's part of the configuration, empty when it was left out.</param>
    /// <returns>An immutable record, meaningless when the section has errors.</returns>
    public abstract object ReadConfig(ConfigSection section);

    /// <summary>Ids of the extensions that a configuration needs, so that a missing one is an error before the start.</summary>
    /// <param name="config">What <see cref="ReadConfig"/> returned.</param>
    /// <returns>Pairs of the setting's path below the component (<c>sending_queue::storage</c>) and the extension's id.</returns>
    public virtual IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(object config) => [];
}

/// <summary>Makes receivers.</summary>
public abstract class ReceiverFactory : ComponentFactory
{
    /// <summary>Signals it can receive.</summary>
    public virtual IReadOnlyList<Signal> Signals => [Signal.Traces, Signal.Metrics, Signal.Logs];

    /// <summary>Creates a receiver.</summary>
    /// <param name="context">Its surroundings.</param>
    /// <param name="config">What <see cref="ComponentFactory.ReadConfig"/> returned.</param>
    /// <param name="outlets">An outlet a signal, indexed by <see cref="Signal"/>; some are not connected.</param>
    public abstract IReceiver Create(ComponentContext context, object config, IReadOnlyList<Outlet> outlets);
}

/// <summary>Makes processors.</summary>
public abstract class ProcessorFactory : ComponentFactory
{
    /// <summary>Signals it can process.</summary>
    public virtual IReadOnlyList<Signal> Signals => [Signal.Traces, Signal.Metrics, Signal.Logs];

    /// <summary>Creates a processor for one pipeline.</summary>
    /// <param name="context">Its surroundings; <see cref="ComponentContext.Signals"/> holds the pipeline's signal.</param>
    /// <param name="config">What <see cref="ComponentFactory.ReadConfig"/> returned.</param>
    /// <param name="next">What takes the batches that are passed on.</param>
    public abstract IProcessor Create(ComponentContext context, object config, IConsumer next);
}

/// <summary>Makes exporters.</summary>
public abstract class ExporterFactory : ComponentFactory
{
    /// <summary>Signals it can export.</summary>
    public virtual IReadOnlyList<Signal> Signals => [Signal.Traces, Signal.Metrics, Signal.Logs];

    /// <summary>Creates an exporter.</summary>
    /// <param name="context">Its surroundings.</param>
    /// <param name="config">What <see cref="ComponentFactory.ReadConfig"/> returned.</param>
    public abstract IExporter Create(ComponentContext context, object config);
}

/// <summary>Makes connectors.</summary>
public abstract class ConnectorFactory : ComponentFactory
{
    /// <summary>From which signal to which it can lead.</summary>
    public abstract IReadOnlyList<(Signal From, Signal To)> Routes { get; }

    /// <summary>Creates a connector.</summary>
    /// <param name="context">Its surroundings; <see cref="ComponentContext.Signals"/> holds the signals it consumes.</param>
    /// <param name="config">What <see cref="ComponentFactory.ReadConfig"/> returned.</param>
    /// <param name="outlets">An outlet a signal it may emit, indexed by <see cref="Signal"/>; some are not connected.</param>
    public abstract IConnector Create(ComponentContext context, object config, IReadOnlyList<Outlet> outlets);
}

/// <summary>Makes extensions.</summary>
public abstract class ExtensionFactory : ComponentFactory
{
    /// <summary>Creates an extension.</summary>
    /// <param name="context">Its surroundings.</param>
    /// <param name="config">What <see cref="ComponentFactory.ReadConfig"/> returned.</param>
    public abstract IExtension Create(ComponentContext context, object config);
}
