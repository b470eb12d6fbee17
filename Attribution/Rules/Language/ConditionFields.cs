namespace TelemetryPipeline.Attribution.Rules.Language;

/// <summary>The fields that conditions ask about.</summary>
internal static class ConditionFields
{
    /// <summary>The fields of spans in a tree of conditions, in its order; some more than once.</summary>
    /// <param name="condition">The tree.</param>
    public static IEnumerable<FieldRef> Of(Condition condition)
    {
        IReadOnlyList<Condition> children = condition switch
        {
            AllCondition all => all.Children,
            AnyCondition any => any.Children,
            NotCondition not => [not.Child],
            SpanQuantifier spans => [spans.Child],
            _ => [],
        };
        if (condition is Comparison { Field.IsOfSpan: true } comparison)
        {
            yield return comparison.Field;
        }

        foreach (var child in children)
        {
            foreach (var field in Of(child))
            {
                yield return field;
            }
        }
    }
}
