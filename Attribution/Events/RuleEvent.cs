using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Attribution.Traces;

namespace TelemetryPipeline.Attribution.Events;

/// <summary>An attribution on its way out: what its record will say.</summary>
internal sealed class RuleEvent
{
    /// <summary>The rule that hit.</summary>
    public required Rule Rule { get; init; }

    /// <summary>What it is about.</summary>
    public required EventScope Scope { get; init; }

    /// <summary>The same for all revisions.</summary>
    public required UInt128 Id { get; init; }

    /// <summary>1 for the first record of an event.</summary>
    public int Revision { get; set; } = 1;

    /// <summary>Whether it is over, or has turned out not to be one.</summary>
    public bool IsResolved { get; set; }

    public ulong TraceIdHigh { get; init; }

    public ulong TraceIdLow { get; init; }

    /// <summary>End of the span that decided, in nanoseconds since the Unix epoch.</summary>
    public ulong TimeNs { get; set; }

    public FailureChain Chain { get; set; } = FailureChain.None;

    public IReadOnlyList<EvidenceItem> Evidence { get; init; } = [];

    public string GroupKey { get; init; } = "";

    /// <summary>Hits that were folded into this event.</summary>
    public long SuppressedCount { get; set; }

    public BusinessFacts Business { get; set; }

    public Impact Impact { get; set; }

    /// <summary>The window's key, for scope window.</summary>
    public string WindowKey { get; init; } = "";

    /// <summary>Distinct traces in the window, for scope window.</summary>
    public long WindowCount { get; set; }
}
