namespace TelemetryPipeline.Attribution.Events;

/// <summary>Something that speaks for an event.</summary>
/// <param name="Key">What.</param>
/// <param name="Value">Its value, an encoded <c>AnyValue</c>.</param>
internal readonly record struct EvidenceItem(string Key, byte[] Value);
