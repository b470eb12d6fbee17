namespace TelemetryPipeline.Otlp;

/// <summary>An attribute to be added with the value of another: see <see cref="SlotRow.CopyTexts"/>.</summary>
/// <param name="Source">The slot of the attribute whose value is taken.</param>
/// <param name="Target">The slot of the attribute to add.</param>
public readonly record struct SlotCopy(int Source, int Target);
