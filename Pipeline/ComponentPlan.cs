namespace TelemetryPipeline.Pipeline;

/// <summary>A component that is configured and not created yet.</summary>
/// <typeparam name="TCreate">How it is created.</typeparam>
/// <param name="Create">Creates it from the settings that were read.</param>
/// <param name="RequiredExtensions">
/// The extensions that the settings name, so that a missing one is an error before the start: pairs of the setting's
/// path below the component (<c>sending_queue::storage</c>) and the extension's id.
/// </param>
public abstract record ComponentPlan<TCreate>(
    TCreate Create, IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions)
    where TCreate : Delegate;

/// <summary>A component that is configured and not created yet, with its settings.</summary>
/// <typeparam name="TCreate">How it is created.</typeparam>
/// <typeparam name="TConfig">An immutable record.</typeparam>
/// <param name="Config">The settings.</param>
/// <param name="Create">Creates it from the settings.</param>
/// <param name="RequiredExtensions">The extensions that the settings name.</param>
public sealed record ComponentPlan<TCreate, TConfig>(
    TConfig Config, TCreate Create, IEnumerable<(string Setting, ComponentId Extension)> RequiredExtensions)
    : ComponentPlan<TCreate>(Create, RequiredExtensions)
    where TCreate : Delegate;
