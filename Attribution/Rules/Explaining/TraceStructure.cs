using TelemetryPipeline.Attribution.Evaluation;
using TelemetryPipeline.Attribution.Traces;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Transfers;

namespace TelemetryPipeline.Attribution.Rules.Explaining;

/// <summary>The chain and structure of one trace, found by the same analysis that the connector uses.</summary>
internal sealed class TraceStructure
{
    private const int None = TraceShard.None;
    private const long BytesMax = 256 << 20;

    private readonly TraceAnalysis _analysis = new();
    private readonly ChainBuilder _chains;
    private readonly Dictionary<ulong, int> _stored = [];

    /// <summary>Analyses a trace.</summary>
    /// <param name="batches">Its spans; others among them are left out.</param>
    /// <param name="idHigh">First half of its id.</param>
    /// <param name="idLow">Second half of its id.</param>
    public TraceStructure(IReadOnlyList<OtlpBatch> batches, ulong idHigh, ulong idLow)
    {
        var names = new TraceNames();
        var reader = new FactReader(names, new AttributeSlots());
        var settings = new AttributionSettings { Shards = 1, SpansPerTraceMax = int.MaxValue };
        var shard = new TraceShard(0, settings.ShardLimits, new MemoryBudget(BytesMax));
        var trace = None;
        _chains = new ChainBuilder(names);
        foreach (var batch in batches)
        {
            for (var i = 0; i < batch.ViewCount; i++)
            {
                var view = batch.View(i);
                foreach (ref readonly var span in view.Spans)
                {
                    if (span.TraceIdHigh == idHigh && span.TraceIdLow == idLow && span.SpanId != 0)
                    {
                        reader.Read(view, span, out var facts);
                        facts.HasFailed = SpanOutcome.IsFailed(view, span);
                        trace = trace == None ? shard.Open(facts, 1, 0) : trace;
                        shard.Add(trace, facts, 0, out var stored);
                        _stored.TryAdd(span.SpanId, stored);
                    }
                }
            }
        }

        HasSpans = trace != None;
        if (HasSpans)
        {
            _analysis.Analyze(shard, trace, settings.ClockSkewTolerance.Ticks * 100);
        }
    }

    /// <summary>Whether the trace has any span.</summary>
    public bool HasSpans { get; }

    /// <summary>What rules ask about the trace as a whole; valid until the next call.</summary>
    public ChainFacts Facts() => Facts([]);

    /// <summary>What rules ask about the chain that a span is in; valid until the next call.</summary>
    /// <param name="spanId">The span.</param>
    public ChainFacts FactsOf(ulong spanId) => _stored.TryGetValue(spanId, out var stored) && stored != None ? Facts([stored]) : default;

    private ChainFacts Facts(scoped ReadOnlySpan<int> matches) => !HasSpans
        ? default
        : _chains.FactsOf(
            _analysis,
            _chains.ChainTo(_analysis, _analysis.OriginOf(matches)),
            _analysis.Root >= 0 && _analysis.OrphanCount == 0);
}
