using TelemetryPipeline.Attribution.Traces;

namespace TelemetryPipeline.Attribution.Evaluation;

/// <summary>How traces are evaluated, without where events go.</summary>
internal sealed record AttributionSettings
{
    /// <summary>Traces held, decided ones that are remembered included.</summary>
    public int TracesMax { get; init; } = 100_000;

    /// <summary>Memory of traces, spans and their events, in bytes.</summary>
    public long BytesMax { get; init; } = 64L << 20;

    /// <summary>Spans of one trace.</summary>
    public int SpansPerTraceMax { get; init; } = 2048;

    /// <summary>From a trace's first span to the decision at the latest.</summary>
    public TimeSpan DecisionWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A trace with its root and all parents is decided when no span came for this long.</summary>
    public TimeSpan QuietTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a decided trace is remembered.</summary>
    public TimeSpan LateWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Differences of clocks up to this are no fact.</summary>
    public TimeSpan ClockSkewTolerance { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Whether events of rules on trial go out.</summary>
    public bool EmitsShadow { get; init; } = true;

    /// <summary>Traces counted in all windows together.</summary>
    public int WindowTracesMax { get; init; } = 100_000;

    /// <summary>How often the event of a burst that goes on is brought up to date.</summary>
    public TimeSpan WindowUpdate { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Groups whose repeated events are folded.</summary>
    public int GroupsMax { get; init; } = 10_000;

    /// <summary>A series with fewer spans has no baseline.</summary>
    public int BaselineSpansLeast { get; init; } = 200;

    /// <summary>Shards of the traces: more than threads that receive, so that they seldom meet.</summary>
    public int Shards { get; init; } = ShardsFor(Environment.ProcessorCount);

    /// <summary>Shards for a number of cores, a power of two.</summary>
    /// <param name="cores">The number.</param>
    public static int ShardsFor(int cores) => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(cores * 4, 8, 64));

    /// <summary>Bounds and times of one shard.</summary>
    public TraceLimits ShardLimits => new()
    {
        TracesMax = Math.Max(TracesMax / Shards, 1),
        SpansPerTraceMax = SpansPerTraceMax,
        DecisionWaitMs = (long)DecisionWait.TotalMilliseconds,
        QuietMs = (long)QuietTime.TotalMilliseconds,
        LateWaitMs = (long)LateWait.TotalMilliseconds,
    };
}
