using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Pipeline;

/// <summary>
/// A component that can tell, before a request is read and decoded, that it would refuse it. Receivers ask so that
/// overload costs next to nothing.
/// </summary>
public interface IAdmission
{
    /// <summary>Whether a batch would be taken now. Thread-safe, never blocks, costs a few loads.</summary>
    /// <param name="signal">What the batch would carry.</param>
    /// <returns>Accepted, or the <see cref="ConsumeOutcome.Retry"/> that the sender is to get.</returns>
    ConsumeResult Admit(Signal signal);
}
