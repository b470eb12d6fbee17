using System.Linq;

namespace TelemetryPipeline.Attribution.Rules.Language;

/// <summary>Conditions as text.</summary>
internal static class ConditionText
{
    /// <summary>A text that is equal for conditions that mean the same, whatever the order they were written in.</summary>
    /// <param name="condition">The condition.</param>
    public static string Canonical(Condition condition) => condition switch
    {
        AllCondition { Children: [var only] } => Canonical(only),
        AnyCondition { Children: [var only] } => Canonical(only),
        AllCondition all => $"all({Join(all.Children)})",
        AnyCondition any => $"any({Join(any.Children)})",
        NotCondition not => $"not({Canonical(not.Child)})",
        SpanQuantifier spans => $"{Word(spans.Quantifier)}({Canonical(spans.Child)})",
        Comparison comparison => $"{(int)comparison.Field.Kind}:{Quote(comparison.Field.Key)}{comparison.Operator}"
            + string.Concat(Values(comparison).Select(static v => $"{(int)v.Kind}{Quote(v.Text)}")),
        _ => throw new InvalidOperationException(condition.GetType().Name),
    };

    /// <summary>A comparison for people: <c>span.code == ERR_X</c>.</summary>
    /// <param name="comparison">The comparison.</param>
    public static string Readable(Comparison comparison)
    {
        var values = comparison.Values;
        var one = values.Count == 1 ? Shown(values[0]) : $"[{string.Join(", ", values.Select(Shown))}]";
        return comparison.Operator switch
        {
            Operator.In when values.Count == 1 => $"{comparison.Field} == {one}",
            Operator.NotIn when values.Count == 1 => $"{comparison.Field} != {one}",
            Operator.Exists => values[0].Whole != 0 ? $"{comparison.Field} exists" : $"{comparison.Field} does not exist",
            Operator.Passes => $"{comparison.Field} passes {string.Join(" > ", values.Select(Shown))}",
            _ => $"{comparison.Field} {OperatorWords.Of(comparison.Operator)} {one}",
        };
    }

    /// <summary>The word of a quantifier.</summary>
    /// <param name="quantifier">The quantifier.</param>
    public static string Word(Quantifier quantifier) => quantifier switch
    {
        Quantifier.AnySpan => "any_span",
        Quantifier.NoSpan => "no_span",
        _ => "every_span",
    };

    private static string Join(IReadOnlyList<Condition> children) =>
        string.Join(',', children.Select(Canonical).Distinct().Order(StringComparer.Ordinal));

    private static IEnumerable<Literal> Values(Comparison comparison) => comparison.Operator is Operator.In or Operator.NotIn
        ? comparison.Values.OrderBy(static v => v.Kind).ThenBy(static v => v.Text, StringComparer.Ordinal)
        : comparison.Values;

    private static string Quote(string text) => $"<{text.Length}:{text}>";

    private static string Shown(Literal literal) => literal.Kind == LiteralKind.Text ? $"\"{literal.Text}\"" : literal.Text;
}
