using System.Linq;
using System.Text;
using TelemetryPipeline.Attribution.Rules.Language;

namespace TelemetryPipeline.Attribution.Rules.Compiling;

/// <summary>All hold.</summary>
internal sealed class AllTraceTest(TraceTest[] children) : TraceTest
{
    /// <inheritdoc/>
    public override bool Holds(PredicateHits hits, in ChainFacts chain)
    {
        foreach (var child in children)
        {
            if (!child.Holds(hits, chain))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>One holds.</summary>
internal sealed class AnyTraceTest(TraceTest[] children) : TraceTest
{
    /// <inheritdoc/>
    public override bool Holds(PredicateHits hits, in ChainFacts chain)
    {
        foreach (var child in children)
        {
            if (child.Holds(hits, chain))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>The other does not hold.</summary>
internal sealed class NotTraceTest(TraceTest child) : TraceTest
{
    /// <inheritdoc/>
    public override bool Holds(PredicateHits hits, in ChainFacts chain) => !child.Holds(hits, chain);
}

/// <summary>A span of the trace hit a predicate, or none did.</summary>
internal sealed class PredicateTest(int predicate, bool expected) : TraceTest
{
    /// <inheritdoc/>
    public override bool Holds(PredicateHits hits, in ChainFacts chain) => hits[predicate] == expected;
}

/// <summary>A text of the chain's last step or of the root.</summary>
internal sealed class ChainTextTest(FieldKind kind, TextTest test) : TraceTest
{
    /// <inheritdoc/>
    public override bool Holds(PredicateHits hits, in ChainFacts chain) => test.Holds(Text(kind, chain));

    /// <summary>The text of a field.</summary>
    /// <param name="kind">The field.</param>
    /// <param name="chain">The chain.</param>
    public static ReadOnlySpan<byte> Text(FieldKind kind, in ChainFacts chain)
    {
        var origin = chain.Steps.IsEmpty ? default : chain.Steps[^1];
        return kind switch
        {
            FieldKind.OriginService => origin.Service.Span,
            FieldKind.OriginNodeType => origin.NodeType.Span,
            FieldKind.OriginCode => origin.Code.Span,
            FieldKind.OriginName => origin.Name.Span,
            FieldKind.RootService => chain.Root.Service.Span,
            FieldKind.RootNodeType => chain.Root.NodeType.Span,
            _ => chain.Root.Name.Span,
        };
    }
}

/// <summary>The chain passes names in their order, each at a step of its own; others may lie in between.</summary>
internal sealed class ChainPathTest(IReadOnlyList<Literal> names) : TraceTest
{
    private readonly byte[][] _names = [.. names.Select(static name => Encoding.UTF8.GetBytes(name.Text))];

    /// <inheritdoc/>
    public override bool Holds(PredicateHits hits, in ChainFacts chain)
    {
        var next = 0;
        foreach (ref readonly var step in chain.Steps)
        {
            if (next < _names.Length
                && (step.Service.Span.SequenceEqual(_names[next]) || step.NodeType.Span.SequenceEqual(_names[next])))
            {
                next++;
            }
        }

        return next == _names.Length;
    }
}

/// <summary>A number, duration or boolean of the chain or trace; of no chain, a chain's are missing, and so is a duration that is not known.</summary>
internal sealed class ChainNumberTest(FieldKind kind, Operator order, IReadOnlyList<Literal> bounds) : TraceTest
{
    private readonly long[] _bounds = [.. bounds.Select(static bound => bound.Whole)];

    /// <inheritdoc/>
    public override bool Holds(PredicateHits hits, in ChainFacts chain) => TryGet(kind, chain, out var value) && order switch
    {
        Operator.In => _bounds.AsSpan().Contains(value),
        Operator.NotIn => !_bounds.AsSpan().Contains(value),
        _ => NumberOrder.Holds(order, value, _bounds[0]),
    };

    /// <summary>The value of a field.</summary>
    /// <param name="kind">The field.</param>
    /// <param name="chain">The chain.</param>
    /// <param name="value">The value; 1 and 0 for a boolean.</param>
    public static bool TryGet(FieldKind kind, in ChainFacts chain, out long value)
    {
        value = kind switch
        {
            FieldKind.ChainDepth => chain.Steps.Length,
            FieldKind.ChainComplete => chain.IsChainComplete ? 1 : 0,
            FieldKind.TraceComplete => chain.IsTraceComplete ? 1 : 0,
            FieldKind.TraceBrokenContext => chain.HasBrokenContext ? 1 : 0,
            FieldKind.TraceClockSkew => chain.ClockSkewNs,
            FieldKind.TraceSpanCount => chain.SpanCount,
            _ => chain.DurationNs ?? 0,
        };
        return kind switch
        {
            FieldKind.ChainDepth or FieldKind.ChainComplete => !chain.Steps.IsEmpty,
            FieldKind.TraceDuration => chain.DurationNs is not null,
            _ => true,
        };
    }
}
