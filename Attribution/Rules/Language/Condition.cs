using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules.Language;

/// <summary>A node of a rule's tree of conditions, with its place in the file.</summary>
/// <param name="Position">Where it stands.</param>
internal abstract record Condition(SourcePosition Position);

/// <summary>All of them hold; of none, true.</summary>
/// <param name="Position">Where it stands.</param>
/// <param name="Children">The conditions.</param>
internal sealed record AllCondition(SourcePosition Position, IReadOnlyList<Condition> Children) : Condition(Position);

/// <summary>At least one of them holds.</summary>
/// <param name="Position">Where it stands.</param>
/// <param name="Children">The conditions.</param>
internal sealed record AnyCondition(SourcePosition Position, IReadOnlyList<Condition> Children) : Condition(Position);

/// <summary>It does not hold.</summary>
/// <param name="Position">Where it stands.</param>
/// <param name="Child">The condition.</param>
internal sealed record NotCondition(SourcePosition Position, Condition Child) : Condition(Position);

/// <summary>A field compares to values. Over a missing field it is false, whatever the operator but <c>exists: false</c>.</summary>
/// <param name="Position">Where it stands.</param>
/// <param name="Field">The field.</param>
/// <param name="Operator">The operator.</param>
/// <param name="Values">The values; for <c>exists</c> a boolean.</param>
internal sealed record Comparison(SourcePosition Position, FieldRef Field, Operator Operator, IReadOnlyList<Literal> Values)
    : Condition(Position);

/// <summary>How many spans of a trace a condition speaks of.</summary>
internal enum Quantifier : byte
{
    /// <summary>One at least.</summary>
    AnySpan,

    /// <summary>None.</summary>
    NoSpan,

    /// <summary>Each.</summary>
    EverySpan,
}

/// <summary>A condition on the spans of a trace.</summary>
/// <param name="Position">Where it stands.</param>
/// <param name="Quantifier">Which spans.</param>
/// <param name="Child">What holds for them, or does not.</param>
internal sealed record SpanQuantifier(SourcePosition Position, Quantifier Quantifier, Condition Child) : Condition(Position);
