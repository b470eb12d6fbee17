using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline;

/// <summary>Creates an extension from settings that were read.</summary>
/// <param name="context">The component's context.</param>
public delegate IExtension CreateExtension(ComponentContext context);

/// <summary>Makes extensions.</summary>
public abstract class ExtensionFactory : ComponentFactory<CreateExtension>;

/// <summary>Makes extensions of one type.</summary>
/// <typeparam name="TConfig">Their settings, an immutable record.</typeparam>
public abstract class ExtensionFactory<TConfig> : ExtensionFactory, IComponentFactory<TConfig>
{
    /// <inheritdoc/>
    public sealed override ComponentPlan<CreateExtension> Plan(ConfigSection section)
    {
        var config = ReadConfig(section);
        return new ComponentPlan<CreateExtension, TConfig>(config, context => Create(context, config), RequiredExtensions(config));
    }

    /// <inheritdoc/>
    public abstract TConfig ReadConfig(ConfigSection section);

    /// <summary>The extensions that settings name.</summary>
    /// <param name="config">The settings.</param>
    /// <returns>Pairs of the setting's path below the component and the extension's id.</returns>
    public virtual IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions(TConfig config) => [];

    /// <summary>Creates an extension.</summary>
    /// <param name="context">The component's context.</param>
    /// <param name="config">Its settings.</param>
    public abstract IExtension Create(ComponentContext context, TConfig config);
}
