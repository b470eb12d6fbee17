using System.Text;
using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Matching;

namespace TelemetryPipeline.Attribution.Rules.Compiling;

/// <summary>An attribute is there, or is not.</summary>
internal sealed class AttributeExistsTest(FieldKind kind, int slot, bool expected) : SpanTest
{
    /// <inheritdoc/>
    public override bool Holds(in SpanFacts span) => span.TryGet(kind, slot, out _) == expected;
}

/// <summary>An attribute is one of some values, or is there and none of them.</summary>
internal sealed class AttributeInTest(FieldKind kind, int slot, ValueSet values, bool expected) : SpanTest
{
    /// <inheritdoc/>
    public override bool Holds(in SpanFacts span) =>
        span.TryGet(kind, slot, out var value) && values.Contains(value) == expected;
}

/// <summary>An attribute is a number in an order to another.</summary>
internal sealed class AttributeOrderTest(FieldKind kind, int slot, Operator order, Literal bound) : SpanTest
{
    /// <inheritdoc/>
    public override bool Holds(in SpanFacts span)
    {
        if (!span.TryGet(kind, slot, out var value))
        {
            return false;
        }

        return value.Kind switch
        {
            AnyValueKind.Int when bound.Kind == LiteralKind.Int => NumberOrder.Holds(order, value.Int, bound.Whole),
            AnyValueKind.Int => NumberOrder.Holds(order, (double)value.Int, bound.Real),
            AnyValueKind.Double => NumberOrder.Holds(order, value.Double, bound.Real),
            _ => false,
        };
    }
}

/// <summary>An attribute is text that begins with another.</summary>
internal sealed class AttributePrefixTest(FieldKind kind, int slot, string prefix) : SpanTest
{
    private readonly byte[] _prefix = Encoding.UTF8.GetBytes(prefix);

    /// <inheritdoc/>
    public override bool Holds(in SpanFacts span) => span.TryGet(kind, slot, out var value)
        && value.Kind == AnyValueKind.Text && value.Text.StartsWith(_prefix);
}

/// <summary>An attribute is text that an expression matches.</summary>
internal sealed class AttributePatternTest(FieldKind kind, int slot, Utf8Pattern pattern) : SpanTest
{
    /// <inheritdoc/>
    public override bool Holds(in SpanFacts span) => span.TryGet(kind, slot, out var value)
        && value.Kind == AnyValueKind.Text && pattern.IsMatch(value.Text);
}

/// <summary>The verdict.</summary>
internal sealed class StatusTest(bool whenFailed, bool whenOk) : SpanTest
{
    /// <inheritdoc/>
    public override bool Holds(in SpanFacts span) => span.Scratch.IsFailed ? whenFailed : whenOk;
}

/// <summary>The kind is one of a set.</summary>
internal sealed class KindTest(int kinds) : SpanTest
{
    /// <inheritdoc/>
    public override bool Holds(in SpanFacts span) => (kinds >> (int)span.Span.Kind & 1) != 0;
}

/// <summary>The duration compares to a constant.</summary>
internal sealed class DurationTest(Operator order, long ns) : SpanTest
{
    /// <inheritdoc/>
    public override bool Holds(in SpanFacts span) =>
        span.Span.DurationNs is { } durationNs && NumberOrder.Holds(order, durationNs, ns);
}

/// <summary>The duration compares to what is usual.</summary>
internal sealed class BaselineTest(Operator order, Quantile quantile, double factor) : SpanTest
{
    /// <inheritdoc/>
    public override bool Holds(in SpanFacts span) => span.Scratch.Baseline is { } baseline
        && span.Span.DurationNs is { } durationNs
        && baseline.TryGetQuantileNs(span.View, span.Span, quantile, out var ns)
        && NumberOrder.Holds(order, durationNs, ns * factor);
}

/// <summary>The name of the span or its scope compares to texts.</summary>
internal sealed class NameTest(FieldKind kind, TextTest test) : SpanTest
{
    /// <inheritdoc/>
    public override bool Holds(in SpanFacts span) =>
        test.Holds(kind == FieldKind.SpanName ? span.View.Name(span.Span) : span.View.Name(span.Span.ScopeNode));
}
