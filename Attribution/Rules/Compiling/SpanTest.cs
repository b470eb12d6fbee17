namespace TelemetryPipeline.Attribution.Rules.Compiling;

/// <summary>A compiled condition on one span.</summary>
internal abstract class SpanTest
{
    /// <summary>Whether it holds. Does not allocate.</summary>
    /// <param name="span">The span.</param>
    public abstract bool Holds(in SpanFacts span);
}

/// <summary>All hold.</summary>
internal sealed class AllTest(SpanTest[] children) : SpanTest
{
    /// <inheritdoc/>
    public override bool Holds(in SpanFacts span)
    {
        foreach (var child in children)
        {
            if (!child.Holds(span))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>One holds.</summary>
internal sealed class AnyTest(SpanTest[] children) : SpanTest
{
    /// <inheritdoc/>
    public override bool Holds(in SpanFacts span)
    {
        foreach (var child in children)
        {
            if (child.Holds(span))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>The other does not hold.</summary>
internal sealed class NotTest(SpanTest child) : SpanTest
{
    /// <inheritdoc/>
    public override bool Holds(in SpanFacts span) => !child.Holds(span);
}

/// <summary>A condition that several predicates have: looked at once for a span.</summary>
internal sealed class RememberedTest(SpanTest child, int index) : SpanTest
{
    /// <inheritdoc/>
    public override bool Holds(in SpanFacts span)
    {
        var known = span.Scratch.Recall(index);
        if (known == MatchScratch.Unknown)
        {
            known = child.Holds(span) ? MatchScratch.Held : MatchScratch.Failed;
            span.Scratch.Remember(index, known);
        }

        return known == MatchScratch.Held;
    }
}
