namespace TelemetryPipeline.Otlp;

/// <summary>The one place that computes a span's duration.</summary>
public static class SpanTimings
{
    /// <summary>Reads a duration.</summary>
    /// <param name="startNs">Start in nanoseconds since the Unix epoch; 0 where it is missing.</param>
    /// <param name="endNs">End in nanoseconds since the Unix epoch; 0 where it is missing.</param>
    /// <param name="durationNs">End minus start in nanoseconds; 0 where it is not known.</param>
    public static SpanTiming Read(ulong startNs, ulong endNs, out long durationNs)
    {
        var timing = startNs == 0 ? SpanTiming.NoStart
            : endNs == 0 ? SpanTiming.NoEnd
            : endNs < startNs ? SpanTiming.Negative
            : SpanTiming.Known;
        durationNs = timing == SpanTiming.Known ? (long)Math.Min(endNs - startNs, long.MaxValue) : 0;
        return timing;
    }

    /// <summary>End minus start in nanoseconds; null where it is not known.</summary>
    /// <param name="startNs">Start in nanoseconds since the Unix epoch; 0 where it is missing.</param>
    /// <param name="endNs">End in nanoseconds since the Unix epoch; 0 where it is missing.</param>
    public static long? DurationNs(ulong startNs, ulong endNs) =>
        Read(startNs, endNs, out var durationNs) == SpanTiming.Known ? durationNs : null;

    /// <summary>The metric label of spans without a duration.</summary>
    /// <param name="timing">Why they have none; not <see cref="SpanTiming.Known"/>.</param>
    public static string Reason(this SpanTiming timing) => timing switch
    {
        SpanTiming.NoStart => "no_start",
        SpanTiming.NoEnd => "no_end",
        SpanTiming.Negative => "negative",
        _ => throw new ArgumentOutOfRangeException(nameof(timing)),
    };
}
