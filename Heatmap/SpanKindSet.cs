using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Heatmap;

/// <summary>Span kinds, a bit each.</summary>
/// <param name="Bits">Bit i stands for the kind of value i.</param>
internal readonly record struct SpanKindSet(uint Bits)
{
    /// <summary>Whether a kind is in it.</summary>
    public bool Contains(SpanKind kind) => (Bits & (1u << (int)kind)) != 0;

    /// <summary>The set with one more kind.</summary>
    public SpanKindSet With(SpanKind kind) => new(Bits | (1u << (int)kind));
}
