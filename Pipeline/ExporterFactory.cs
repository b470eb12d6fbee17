using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline;

/// <summary>Creates an exporter from settings that were read.</summary>
/// <param name="context">The component's context.</param>
public delegate IExporter CreateExporter(ComponentContext context);

/// <summary>Makes exporters.</summary>
public abstract class ExporterFactory : ComponentFactory<CreateExporter>
{
    /// <summary>Signals it can export.</summary>
    public virtual IReadOnlyList<Signal> Signals => [Signal.Traces, Signal.Metrics, Signal.Logs];
}

/// <summary>Makes exporters of one type.</summary>
/// <typeparam name="TConfig">Their settings, an immutable record.</typeparam>
public abstract class ExporterFactory<TConfig> : ExporterFactory, IComponentFactory<TConfig>
{
    /// <inheritdoc/>
    public sealed override ComponentPlan<CreateExporter> Plan(ConfigSection section)
    {
        var config = ReadConfig(section);
        return new ComponentPlan<CreateExporter, TConfig>(config, context => Create(context, config), RequiredExtensions(config));
    }

    /// <inheritdoc/>
    public abstract TConfig ReadConfig(ConfigSection section);

    /// <summary>The extensions that settings name.</summary>
    /// <param name="config">The settings.</param>
    /// <returns>Pairs of the setting's path below the component and the extension's id.</returns>
    public virtual IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(TConfig config) => [];

    /// <summary>Creates an exporter.</summary>
    /// <param name="context">The component's context.</param>
    /// <param name="config">Its settings.</param>
    public abstract IExporter Create(ComponentContext context, TConfig config);
}
