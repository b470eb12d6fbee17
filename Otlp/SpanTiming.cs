namespace TelemetryPipeline.Otlp;

/// <summary>Whether a span has a duration, and if not, why.</summary>
public enum SpanTiming : byte
{
    /// <summary>It has one.</summary>
    Known,

    /// <summary>It has no start. Taken for 1970, it would make the span last for decades.</summary>
    NoStart,

    /// <summary>It has no end.</summary>
    NoEnd,

    /// <summary>It ended before it started.</summary>
    Negative,
}
