namespace TelemetryPipeline.Pipeline.Diagnostics;

/// <summary>What is known about the collector as a whole, for the extensions that show it. Thread-safe.</summary>
public sealed class CollectorStatus
{
    private volatile Parts _parts = new([], []);
    private volatile bool _running;

    /// <summary>When the process began its work, UTC.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Whether everything is started and nothing is being stopped; a reload does not change it.</summary>
    public bool IsRunning
    {
        get => _running;
        set => _running = value;
    }

    /// <summary>The running pipelines, by id.</summary>
    public IReadOnlyList<PipelineHealth> Pipelines => _parts.Pipelines;

    /// <summary>The running extensions, in order of their start.</summary>
    public IReadOnlyList<ComponentHealth> Extensions => _parts.Extensions;

    /// <summary>Shows other parts from now on: after the start and after each reload.</summary>
    /// <param name="pipelines">The pipelines.</param>
    /// <param name="extensions">The extensions.</param>
    public void Show(IReadOnlyList<PipelineHealth> pipelines, IReadOnlyList<ComponentHealth> extensions) =>
        _parts = new Parts(pipelines, extensions);

    private sealed record Parts(IReadOnlyList<PipelineHealth> Pipelines, IReadOnlyList<ComponentHealth> Extensions);
}
