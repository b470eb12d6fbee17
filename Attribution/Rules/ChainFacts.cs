namespace TelemetryPipeline.Attribution.Rules;

/// <summary>What the assembly of a trace found out, for conditions on chain and trace.</summary>
internal readonly ref struct ChainFacts
{
    /// <summary>The chain of the failure, from the root to its origin; empty where nothing failed.</summary>
    public ReadOnlySpan<ChainNodeTexts> Steps { get; init; }

    /// <summary>The root of the trace, also where nothing failed; all empty while it is not known.</summary>
    public ChainNodeTexts Root { get; init; }

    /// <summary>Whether <see cref="Steps"/> begins at a root, with no span missing in between.</summary>
    public bool IsChainComplete { get; init; }

    /// <summary>Whether the root has come and every span's parent has.</summary>
    public bool IsTraceComplete { get; init; }

    /// <summary>Whether a span names a parent that never came: on its way to that node the context was lost.</summary>
    public bool HasBrokenContext { get; init; }

    /// <summary>The most by which a span begins before or ends after its (synchronous) parent, in ns; 0 for none.</summary>
    public long ClockSkewNs { get; init; }

    /// <summary>Spans of the trace.</summary>
    public int SpanCount { get; init; }

    /// <summary>From the first start to the last end, in ns; null where that is not known.</summary>
    public long? DurationNs { get; init; }
}
