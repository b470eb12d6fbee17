using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline;

/// <summary>Creates a processor from settings that were read.</summary>
/// <param name="context">The component's context; <see cref="ComponentContext.Signals"/> holds the signal of the one pipeline it is for.</param>
/// <param name="next">What takes the batches that are forwarded.</param>
public delegate IProcessor CreateProcessor(ComponentContext context, IConsumer next);

/// <summary>Makes processors.</summary>
public abstract class ProcessorFactory : ComponentFactory<CreateProcessor>
{
    /// <summary>Signals it can process.</summary>
    public virtual IReadOnlyList<Signal> Signals => [Signal.Traces, Signal.Metrics, Signal.Logs];
}

/// <summary>Makes processors of one type.</summary>
/// <typeparam name="TConfig">Their settings, an immutable record.</typeparam>
public abstract class ProcessorFactory<TConfig> : ProcessorFactory, IComponentFactory<TConfig>
{
    /// <inheritdoc/>
    public sealed override ComponentPlan<CreateProcessor> Plan(ConfigSection section)
    {
        var config = ReadConfig(section);
        return new ComponentPlan<CreateProcessor, TConfig>(config, (context, next) => Create(context, config, next), RequiredExtensions(config));
    }

    /// <inheritdoc/>
    public abstract TConfig ReadConfig(ConfigSection section);

    /// <summary>The extensions that settings name.</summary>
    /// <param name="config">The settings.</param>
    /// <returns>Pairs of the setting's path below the component and the extension's id.</returns>
    public virtual IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(TConfig config) => [];

    /// <summary>Creates a processor.</summary>
    /// <param name="context">The component's context; <see cref="ComponentContext.Signals"/> holds the signal of the one pipeline it is for.</param>
    /// <param name="config">Its settings.</param>
    /// <param name="next">What takes the batches that are forwarded.</param>
    public abstract IProcessor Create(ComponentContext context, TConfig config, IConsumer next);
}
