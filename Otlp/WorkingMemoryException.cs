namespace TelemetryPipeline.Otlp;

/// <summary>
/// Leaves a change to a batch that needs more memory than it may take. The link between two components turns it into a
/// refusal, so that no component has to carry the failure through every change it makes.
/// </summary>
/// <param name="canRetry">Whether the same batch may fit later.</param>
public sealed class WorkingMemoryException(bool canRetry) : Exception(
    canRetry ? "the pipelines work on as much as memory allows" : "the request needs more memory than a request of its length may take")
{
    /// <summary>Whether the same batch may fit later, when others have been worked on.</summary>
    public bool CanRetry => canRetry;
}
