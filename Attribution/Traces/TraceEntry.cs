using System.Runtime.InteropServices;

namespace TelemetryPipeline.Attribution.Traces;

/// <summary>A trace that is being assembled, or that was decided and is still remembered for spans that come late.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct TraceEntry
{
    public ulong IdHigh;
    public ulong IdLow;

    /// <summary>When the first span came, and the last one.</summary>
    public long OpenedMs;
    public long LastMs;

    /// <summary>When it is looked at again.</summary>
    public long DueMs;

    public int FirstSpan;

    /// <summary>Spans that have come and are stored.</summary>
    public int SpanCount;

    /// <summary>Parents that have not come.</summary>
    public int MissingCount;
    public int RootCount;

    public int NextInPlace;
    public int Older;
    public int Newer;
    public int WheelPrevious;
    public int WheelNext;
    public int WheelSlot;

    /// <summary>The rules that were in force when the first span came: the trace's number for them in its shard.</summary>
    public int Generation;

    /// <summary>The record of predicates that held in its spans; -1 for none.</summary>
    public int Bits;

    public TracePhase Phase;

    /// <summary>Whether spans were left out because the trace had too many, or memory ran out.</summary>
    public bool IsTruncated;

    /// <summary>Whether spans came after the decision that it does not know of.</summary>
    public bool HasLateSpans;

    /// <summary>Whether its parents led in a circle, which was counted.</summary>
    public bool IsCyclic;

    /// <summary>Whether a rule hit one of its spans.</summary>
    public bool HasHits;

    public BusinessFacts Business;

    /// <summary>Whether the root and every parent that is named have come.</summary>
    public readonly bool IsComplete => RootCount > 0 && MissingCount == 0 && !IsTruncated;
}
