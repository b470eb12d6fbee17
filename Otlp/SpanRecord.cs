using System.Runtime.InteropServices;

namespace TelemetryPipeline.Otlp;

/// <summary>What nearly every component asks of a span, read once: level 1. As received, without later changes.</summary>
[StructLayout(LayoutKind.Auto)]
public record struct SpanRecord
{
    /// <summary>Index of the span's node.</summary>
    public int Node { get; internal set; }

    /// <summary>Index of its resource's node.</summary>
    public int ResourceNode { get; internal set; }

    /// <summary>Index of its scope's node.</summary>
    public int ScopeNode { get; internal set; }

    /// <summary>First 8 bytes of the trace id, big-endian; 0 where it is missing.</summary>
    public ulong TraceIdHigh { get; internal set; }

    /// <summary>Last 8 bytes of the trace id, big-endian; 0 where it is missing.</summary>
    public ulong TraceIdLow { get; internal set; }

    /// <summary>The span id, big-endian; 0 where it is missing.</summary>
    public ulong SpanId { get; internal set; }

    /// <summary>The parent's span id, big-endian; 0 for a root.</summary>
    public ulong ParentSpanId { get; internal set; }

    /// <summary>Start in nanoseconds since the Unix epoch; 0 where it is missing.</summary>
    public ulong StartNs { get; internal set; }

    /// <summary>End in nanoseconds since the Unix epoch; 0 where it is missing.</summary>
    public ulong EndNs { get; internal set; }

    /// <summary>SERVER, CLIENT and so on; a value that OTLP does not define is unspecified.</summary>
    public SpanKind Kind { get; internal set; }

    /// <summary>OK, ERROR or unset; a value that OTLP does not define is unset.</summary>
    public SpanStatusCode StatusCode { get; internal set; }

    internal int NameOffset { get; set; }

    internal int NameLength { get; set; }

    internal int StatusMessageOffset { get; set; }

    internal int StatusMessageLength { get; set; }

    /// <summary>End minus start in nanoseconds; null where one is missing or clocks went backwards.</summary>
    public readonly long? DurationNs => SpanTimings.DurationNs(StartNs, EndNs);

    /// <summary>Reads the duration.</summary>
    /// <param name="durationNs">End minus start in nanoseconds; 0 where it is not known.</param>
    public readonly SpanTiming ReadDuration(out long durationNs) => SpanTimings.Read(StartNs, EndNs, out durationNs);
}
