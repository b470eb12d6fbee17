namespace TelemetryPipeline.Heatmap;

/// <summary>A span that stands for its cell: the newest failing one, or the slowest.</summary>
/// <param name="TraceIdHigh">First 8 bytes of the trace id, big-endian.</param>
/// <param name="TraceIdLow">Last 8 bytes of the trace id, big-endian.</param>
/// <param name="SpanId">The span id, big-endian.</param>
/// <param name="EndNs">When it ended, nanoseconds since the Unix epoch; the second is the cell's column.</param>
/// <param name="LatencyNs">How long it took, in nanoseconds; decides the cell's bucket.</param>
/// <param name="IsFailing">Whether it failed.</param>
public readonly record struct LatencyExemplar(
    ulong TraceIdHigh, ulong TraceIdLow, ulong SpanId, ulong EndNs, long LatencyNs, bool IsFailing)
{
    /// <summary>The column: seconds since the Unix epoch.</summary>
    public long Second => (long)(EndNs / 1_000_000_000);

    /// <summary>The bucket, 0 to 59.</summary>
    public int Bucket => LatencyBuckets.BucketOfSlot(LatencyBuckets.SlotOf(LatencyNs));

    /// <summary>Whether this one should stand for a cell rather than another of the same role.</summary>
    /// <param name="other">The one that stands for it now.</param>
    internal bool Replaces(in LatencyExemplar other) => IsFailing ? EndNs >= other.EndNs : LatencyNs > other.LatencyNs;
}
