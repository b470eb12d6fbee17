using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline.Sending.Durable;

/// <summary>What an extension must be able to do to serve as <c>sending_queue::storage</c>.</summary>
public interface IQueueStorage
{
    /// <summary>Opens the queue of a component, as it was left, or a new one.</summary>
    /// <param name="owner">The exporter.</param>
    /// <param name="signal">Which of its queues.</param>
    /// <returns>A lease, to be disposed of by the owner; the queue stays on disk.</returns>
    /// <exception cref="ComponentStartException">The directory cannot be used, or another process holds it.</exception>
    ValueTask<SegmentLogLease> OpenAsync(ComponentId owner, Signal signal);
}
