using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline;

/// <summary>Creates a receiver from settings that were read.</summary>
/// <param name="context">The component's context.</param>
/// <param name="outlets">An outlet a signal, indexed by <see cref="Signal"/>; some are not connected.</param>
public delegate IReceiver CreateReceiver(ComponentContext context, IReadOnlyList<Outlet> outlets);

/// <summary>Makes receivers.</summary>
public abstract class ReceiverFactory : ComponentFactory<CreateReceiver>
{
    /// <summary>Signals it can receive.</summary>
    public virtual IReadOnlyList<Signal> Signals => [Signal.Traces, Signal.Metrics, Signal.Logs];
}

/// <summary>Makes receivers of one type.</summary>
/// <typeparam name="TConfig">Their settings, an immutable record.</typeparam>
public abstract class ReceiverFactory<TConfig> : ReceiverFactory, IComponentFactory<TConfig>
{
    /// <inheritdoc/>
    public sealed override ComponentPlan<CreateReceiver> Plan(ConfigSection section)
    {
        var config = ReadConfig(section);
        return new ComponentPlan<CreateReceiver, TConfig>(config, (context, outlets) => Create(context, config, outlets), RequiredExtensions(config));
    }

    /// <inheritdoc/>
    public abstract TConfig ReadConfig(ConfigSection section);

    /// <summary>The extensions that settings name.</summary>
    /// <param name="config">The settings.</param>
    /// <returns>Pairs of the setting's path below the component and the extension's id.</returns>
    public virtual IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(TConfig config) => [];

    /// <summary>Creates a receiver.</summary>
    /// <param name="context">The component's context.</param>
    /// <param name="config">Its settings.</param>
    /// <param name="outlets">An outlet a signal, indexed by <see cref="Signal"/>; some are not connected.</param>
    public abstract IReceiver Create(ComponentContext context, TConfig config, IReadOnlyList<Outlet> outlets);
}
