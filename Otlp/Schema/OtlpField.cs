namespace TelemetryPipeline.Otlp.Schema;

/// <summary>A field of an OTLP message, listed in <see cref="OtlpFields"/>; its number stays inside this assembly.</summary>
public readonly struct OtlpField
{
    internal OtlpField(int number) => Number = number;

    internal int Number { get; }
}
