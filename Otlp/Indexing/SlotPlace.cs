namespace TelemetryPipeline.Otlp.Indexing;

/// <summary>Where a registered attribute is in a chunk.</summary>
/// <param name="Slot">The key's slot.</param>
/// <param name="FieldOffset">Where the attribute's field begins.</param>
/// <param name="ValueOffset">Where its encoded value begins.</param>
/// <param name="ValueLength">The value's length in bytes.</param>
internal readonly record struct SlotPlace(int Slot, int FieldOffset, int ValueOffset, int ValueLength);
