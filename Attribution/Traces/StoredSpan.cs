using System.Runtime.InteropServices;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Traces;

/// <summary>
/// A span of an open trace; or the place of one that others name as their parent and that has not come yet.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal struct StoredSpan
{
    public ulong Id;
    public ulong ParentId;
    public ulong StartNs;
    public ulong EndNs;

    /// <summary>Index of the parent's record, also of one that has not come; -1 for a root.</summary>
    public int Parent;

    /// <summary>The next record of the same trace; -1 after the last.</summary>
    public int NextInTrace;

    /// <summary>The next record in the same place of the hash table; -1 after the last.</summary>
    public int NextInPlace;

    /// <summary>The trace's record.</summary>
    public int Trace;

    /// <summary>The span's place in the analysis that runs.</summary>
    public int Local;

    public ushort Service;
    public ushort Namespace;
    public ushort NodeType;
    public ushort Name;
    public ushort Status;
    public ushort Code;
    public SpanKind Kind;
    public bool HasFailed;

    /// <summary>Whether the span has not come: only its id is known.</summary>
    public bool IsMissing;
}
