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
}

/// <summary>A factory of one kind of component.</summary>
/// <typeparam name="TCreate">How a component of the kind is created.</typeparam>
public abstract class ComponentFactory<TCreate> : ComponentFactory
    where TCreate : Delegate
{
    /// <summary>Reads the settings; problems go to the section.</summary>
    /// <param name="section">The component's part of the configuration, empty when it was left out.</param>
    /// <returns>What to create from them, meaningless when the section has errors.</returns>
    public abstract ComponentPlan<TCreate> Plan(ConfigSection section);
}

/// <summary>A factory whose settings are of a type.</summary>
/// <typeparam name="TConfig">An immutable record.</typeparam>
public interface IComponentFactory<out TConfig>
{
    /// <summary>The type in component ids, for example <c>otlp</c>.</summary>
    string Type { get; }

    /// <summary>Reads the settings; problems go to the section.</summary>
    /// <param name="section">The component's part of the configuration, empty when it was left out.</param>
    /// <returns>The settings, meaningless when the section has errors.</returns>
    TConfig ReadConfig(ConfigSection section);
}
