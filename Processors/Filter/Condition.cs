using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Matching;

namespace TelemetryPipeline.Processors.Filter;

/// <summary>A condition, compiled. Immutable; evaluating does not allocate.</summary>
internal abstract class Condition
{
    /// <summary>Whether the condition holds for an item.</summary>
    /// <param name="item">The item.</param>
    public abstract bool Holds(in FilterItem item);
}

/// <summary>Both sides; the right one is only looked at when the left one holds.</summary>
internal sealed class AndCondition(Condition left, Condition right) : Condition
{
    public override bool Holds(in FilterItem item) => left.Holds(item) && right.Holds(item);
}

/// <summary>Either side; the right one is only looked at when the left one does not hold.</summary>
internal sealed class OrCondition(Condition left, Condition right) : Condition
{
    public override bool Holds(in FilterItem item) => left.Holds(item) || right.Holds(item);
}

/// <summary>The opposite.</summary>
internal sealed class NotCondition(Condition inner) : Condition
{
    public override bool Holds(in FilterItem item) => !inner.Holds(item);
}

/// <summary><c>true</c> or <c>false</c> on their own.</summary>
internal sealed class ConstantCondition(bool value) : Condition
{
    public override bool Holds(in FilterItem item) => value;
}

/// <summary>Two values and an operator.</summary>
internal sealed class CompareCondition(Operand left, Comparison comparison, Operand right) : Condition
{
    public override bool Holds(in FilterItem item) =>
        ConditionValue.Compare(left.Read(item), comparison, right.Read(item));
}

/// <summary><c>IsMatch</c>: whether a value's text form matches; a value that is not there never does.</summary>
internal sealed class MatchCondition(Operand target, Utf8Pattern pattern) : Condition
{
    public override bool Holds(in FilterItem item)
    {
        var value = target.Read(item);
        return value.Kind switch
        {
            ConditionValueKind.Nil => false,
            ConditionValueKind.Text => pattern.IsMatch(value.Text),
            ConditionValueKind.Int => pattern.IsMatch(value.Int),
            ConditionValueKind.Bool => pattern.IsMatch(value.Int != 0 ? "true"u8 : "false"u8),
            ConditionValueKind.Float => MatchesReal(value.Float),
            _ => pattern.IsMatch(new AnyValueView(value.Text)),
        };
    }

    private bool MatchesReal(double number)
    {
        Span<byte> text = stackalloc byte[32];
        return number.TryFormat(text, out var length, "R", System.Globalization.CultureInfo.InvariantCulture)
            && pattern.IsMatch(text[..length]);
    }
}
