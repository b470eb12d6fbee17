using TelemetryPipeline.Attribution.Baselines;
using TelemetryPipeline.Attribution.Traces;
using TelemetryPipeline.Attribution.Windows;

namespace TelemetryPipeline.Attribution.Evaluation;

/// <summary>What all threads share: traces, windows, baselines and the rules in force.</summary>
internal sealed class AttributionParts
{
    private const int CasesShare = 4; // one part of so many of the memory

    /// <summary>Empty parts.</summary>
    /// <param name="settings">Bounds and times.</param>
    /// <param name="metrics">What is counted.</param>
    public AttributionParts(AttributionSettings settings, EvaluationMetrics metrics)
    {
        Settings = settings;
        Metrics = metrics;
        CaseBudget = new MemoryBudget(settings.BytesMax / CasesShare);
        Budget = new MemoryBudget(settings.BytesMax - CaseBudget.LimitBytes);
        History = new LatencyHistory(settings.BaselineSpansLeast);
        Gate = new RepeatGate(settings.GroupsMax);
        Windows = new WindowBook(settings.WindowTracesMax, settings.WindowUpdate, Gate);
        Shards = new TraceShard[settings.Shards];
        Cases = new CaseBook[settings.Shards];
        Latencies = new LatencyCounts[settings.Shards];
        var limits = settings.ShardLimits;
        for (var i = 0; i < Shards.Length; i++)
        {
            Shards[i] = new TraceShard(i, limits, Budget);
            Cases[i] = new CaseBook(CaseBudget);
            Latencies[i] = new LatencyCounts();
        }
    }

    public AttributionSettings Settings { get; }

    public EvaluationMetrics Metrics { get; }

    /// <summary>For traces and their spans.</summary>
    public MemoryBudget Budget { get; }

    /// <summary>For what is kept of events, so that they can be amended.</summary>
    public MemoryBudget CaseBudget { get; }

    public TraceNames Names { get; } = new();

    public LatencyHistory History { get; }

    public RepeatGate Gate { get; }

    public WindowBook Windows { get; }

    public GenerationList Generations { get; } = new();

    public TraceShard[] Shards { get; }

    /// <summary>What rules have to do with traces, by shard and trace; used by whoever holds the shard.</summary>
    public CaseBook[] Cases { get; }

    /// <summary>Latencies since they were last taken, by shard; used by whoever holds the shard.</summary>
    public LatencyCounts[] Latencies { get; }

    /// <summary>The shard of a trace.</summary>
    public int ShardOf(ulong idHigh, ulong idLow) => (int)(TraceIndex.Hash(idHigh, idLow) & (ulong)(Shards.Length - 1));
}
