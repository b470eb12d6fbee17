using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Traces;

/// <summary>How far the clocks of two services are apart, as far as a span inside another tells.</summary>
internal static class ClockSkew
{
    /// <summary>The least offset that puts a span inside its parent.</summary>
    /// <param name="parentStartNs">The parent's start.</param>
    /// <param name="parentEndNs">The parent's end.</param>
    /// <param name="startNs">The span's start.</param>
    /// <param name="endNs">The span's end.</param>
    /// <returns>
    /// Nanoseconds to add; 0 where it is inside already, where it begins inside and only outlasts its parent (it may go on
    /// while nobody waits), and where a time is missing or runs backwards.
    /// </returns>
    public static long OffsetInto(ulong parentStartNs, ulong parentEndNs, ulong startNs, ulong endNs)
    {
        if (SpanTimings.Read(parentStartNs, parentEndNs, out var parentNs) != SpanTiming.Known
            || SpanTimings.Read(startNs, endNs, out var durationNs) != SpanTiming.Known)
        {
            return 0;
        }

        var fits = durationNs <= parentNs;
        if (startNs < parentStartNs)
        {
            return unchecked((long)(parentStartNs - startNs));
        }

        if (fits && endNs > parentEndNs)
        {
            return unchecked(-(long)(endNs - parentEndNs));
        }

        return !fits && startNs > parentEndNs ? unchecked(-(long)(startNs - parentStartNs)) : 0;
    }
}
