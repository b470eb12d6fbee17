using TelemetryPipeline.Attribution.Traces;

namespace TelemetryPipeline.Attribution.Events;

/// <summary>A hit as an event shows it.</summary>
internal sealed record HitSample
{
    public required ulong TraceIdHigh { get; init; }

    public required ulong TraceIdLow { get; init; }

    /// <summary>End of the deciding span.</summary>
    public required ulong TimeNs { get; init; }

    public required FailureChain Chain { get; init; }

    public required IReadOnlyList<EvidenceItem> Evidence { get; init; }

    public required BusinessFacts Business { get; init; }
}
