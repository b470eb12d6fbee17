namespace TelemetryPipeline.Pipeline.Configuration;

/// <summary>A component's id where the service uses it.</summary>
/// <param name="Id">The id.</param>
/// <param name="Position">Where it is written.</param>
internal readonly record struct ComponentUse(ComponentId Id, SourcePosition Position);

/// <summary>A pipeline as written, with the position of every id.</summary>
/// <param name="Id">The pipeline.</param>
/// <param name="Path">The keys that lead to it.</param>
/// <param name="Position">Where its key stands.</param>
/// <param name="Receivers">Receivers and connectors it begins with.</param>
/// <param name="Processors">Processors in order.</param>
/// <param name="Exporters">Exporters and connectors it ends in.</param>
internal sealed record PipelineUsage(
    PipelineId Id,
    string Path,
    SourcePosition Position,
    IReadOnlyList<ComponentUse> Receivers,
    IReadOnlyList<ComponentUse> Processors,
    IReadOnlyList<ComponentUse> Exporters);

/// <summary>What the service uses, as written.</summary>
/// <param name="Extensions">Extensions in order.</param>
/// <param name="Pipelines">Pipelines in order.</param>
internal sealed record ServiceUsage(IReadOnlyList<ComponentUse> Extensions, IReadOnlyList<PipelineUsage> Pipelines);
