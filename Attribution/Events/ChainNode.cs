using System.Runtime.InteropServices;

namespace TelemetryPipeline.Attribution.Events;

/// <summary>A step of an event's chain; texts as numbers of the trace's names.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ChainNode
{
    public ulong SpanId { get; init; }

    public ulong StartNs { get; init; }

    public long? DurationNs { get; init; }

    public ushort Service { get; init; }

    public ushort Namespace { get; init; }

    public ushort NodeType { get; init; }

    public ushort Name { get; init; }

    public ushort Status { get; init; }

    public ushort Code { get; init; }

    public bool HasFailed { get; init; }
}
