namespace TelemetryPipeline.Receiver.Intake;

/// <summary>Leaves a writer that has no other way to say that its output does not fit; caught where the writer is called.</summary>
internal sealed class BodyLimitException : Exception;
