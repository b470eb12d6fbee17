namespace TelemetryPipeline.Attribution.Traces;

/// <summary>Bounds of the traces that are held, and their times.</summary>
internal sealed record TraceLimits
{
    /// <summary>Traces of one shard, decided ones that are remembered included.</summary>
    public required int TracesMax { get; init; }

    /// <summary>Spans of one trace.</summary>
    public required int SpansPerTraceMax { get; init; }

    /// <summary>From the first span to the decision at the latest, in milliseconds.</summary>
    public required long DecisionWaitMs { get; init; }

    /// <summary>A trace with its root and all parents is decided when no span came for this long, in milliseconds.</summary>
    public required long QuietMs { get; init; }

    /// <summary>How long a decided trace is remembered for spans that come late, in milliseconds.</summary>
    public required long LateWaitMs { get; init; }
}
