using System.Runtime.InteropServices;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Traces;

/// <summary>What a trace is assembled from: a span without its attributes, its texts as numbers of <see cref="TraceNames"/>.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct SpanFacts
{
    public ulong TraceIdHigh;
    public ulong TraceIdLow;
    public ulong SpanId;
    public ulong ParentSpanId;
    public ulong StartNs;
    public ulong EndNs;
    public ushort Service;
    public ushort Namespace;
    public ushort NodeType;
    public ushort Name;
    public ushort Status;
    public ushort Code;
    public SpanKind Kind;
    public bool HasFailed;

    /// <summary>Whether the span has ids by which it can be put into a trace.</summary>
    public readonly bool HasIds => (TraceIdHigh | TraceIdLow) != 0 && SpanId != 0;
}
