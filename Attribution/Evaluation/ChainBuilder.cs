using TelemetryPipeline.Attribution.Events;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Attribution.Traces;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Evaluation;

/// <summary>Makes chains and facts of an analysed trace. Working memory that is used again; not thread-safe.</summary>
/// <param name="names">The texts of stored spans.</param>
internal sealed class ChainBuilder(TraceNames names)
{
    private readonly ChainNodeTexts[] _steps = new ChainNodeTexts[FailureChain.NodesMax];
    private int[] _path = new int[FailureChain.NodesMax];

    /// <summary>The chain to a span.</summary>
    /// <param name="analysis">The trace.</param>
    /// <param name="origin">The span's place; -1 makes an empty chain.</param>
    public FailureChain ChainTo(TraceAnalysis analysis, int origin)
    {
        if (origin < 0)
        {
            return FailureChain.None;
        }

        var depth = analysis.DepthOf(origin);
        if (_path.Length < depth)
        {
            _path = new int[Math.Max(depth, _path.Length * 2)];
        }

        analysis.PathTo(origin, _path);
        var nodes = new ChainNode[Math.Min(depth, FailureChain.NodesMax)];
        const int Half = FailureChain.NodesMax / 2;
        for (var i = 0; i < nodes.Length; i++)
        {
            // Of a chain that is too long, both ends.
            var at = _path[i < Half || depth <= FailureChain.NodesMax ? i : depth - nodes.Length + i];
            nodes[i] = NodeOf(analysis.Span(at)) with { StartNs = analysis.StartNs(at) };
        }

        return new FailureChain(nodes, analysis.IsPathComplete(origin), depth > nodes.Length);
    }

    /// <summary>The chain of a span that is not stored: itself alone.</summary>
    /// <param name="facts">The span.</param>
    public static FailureChain ChainOf(in SpanFacts facts) => new(
        [
            new ChainNode
            {
                SpanId = facts.SpanId,
                StartNs = facts.StartNs,
                DurationNs = SpanTimings.DurationNs(facts.StartNs, facts.EndNs),
                Service = facts.Service,
                Namespace = facts.Namespace,
                NodeType = facts.NodeType,
                Name = facts.Name,
                Status = facts.Status,
                Code = facts.Code,
                HasFailed = facts.HasFailed,
            },
        ],
        IsComplete: facts.ParentSpanId == 0,
        IsCut: false);

    /// <summary>What rules ask about a trace.</summary>
    /// <param name="analysis">The trace.</param>
    /// <param name="chain">The chain of the failure.</param>
    /// <param name="isComplete">Whether root and all parents have come.</param>
    /// <returns>Valid until the next call.</returns>
    public ChainFacts FactsOf(TraceAnalysis analysis, FailureChain chain, bool isComplete) => new()
    {
        Steps = StepsOf(chain),
        Root = analysis.Root < 0 ? default : StepOf(NodeOf(analysis.Span(analysis.Root))),
        IsChainComplete = chain.IsComplete,
        IsTraceComplete = isComplete,
        HasBrokenContext = analysis.OrphanCount > 0,
        ClockSkewNs = analysis.ClockSkewNs,
        SpanCount = analysis.Count,
        DurationNs = analysis.DurationNs,
    };

    /// <summary>What rules ask about the chain of a span that is not stored.</summary>
    /// <param name="chain">The chain.</param>
    /// <returns>Valid until the next call.</returns>
    public ChainFacts FactsOf(FailureChain chain) => new()
    {
        Steps = StepsOf(chain),
        IsChainComplete = chain.IsComplete,
        SpanCount = chain.Nodes.Length,
        DurationNs = chain.Nodes.Length == 1 ? chain.Nodes[0].DurationNs : null,
    };

    private static ChainNode NodeOf(in StoredSpan span) => new()
    {
        SpanId = span.Id,
        StartNs = span.StartNs,
        DurationNs = SpanTimings.DurationNs(span.StartNs, span.EndNs),
        Service = span.Service,
        Namespace = span.Namespace,
        NodeType = span.NodeType,
        Name = span.Name,
        Status = span.Status,
        Code = span.Code,
        HasFailed = span.HasFailed,
    };

    private ReadOnlySpan<ChainNodeTexts> StepsOf(FailureChain chain)
    {
        for (var i = 0; i < chain.Nodes.Length; i++)
        {
            _steps[i] = StepOf(chain.Nodes[i]);
        }

        return _steps.AsSpan(0, chain.Nodes.Length);
    }

    private ChainNodeTexts StepOf(in ChainNode node) => new()
    {
        Service = names.Nodes.TextOf(node.Service),
        NodeType = names.Nodes.TextOf(node.NodeType),
        Name = names.Spans.TextOf(node.Name),
        Code = names.Codes.TextOf(node.Code),
    };
}
