namespace TelemetryPipeline.Attribution.Traces;

/// <summary>Where a trace is in its life.</summary>
internal enum TracePhase : byte
{
    /// <summary>Spans are gathered.</summary>
    Open,

    /// <summary>Decided; its spans are kept for a while, because late ones may amend its events.</summary>
    Decided,
}
