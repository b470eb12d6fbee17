namespace TelemetryPipeline.Attribution.Rules.Language;

/// <summary>Which operators a type of field takes.</summary>
internal static class OperatorTypes
{
    private static readonly string[] OfAny = ["==", "!=", "<", "<=", ">", ">=", "in", "not_in", "starts_with", "matches", "exists", "wildcard"];
    private static readonly string[] OfText = ["==", "!=", "in", "not_in", "starts_with", "matches", "wildcard"];
    private static readonly string[] OfOptionalText = [.. OfText, "exists"];
    private static readonly string[] OfWord = ["==", "!=", "in", "not_in"];
    private static readonly string[] OfDuration = ["==", "!=", "<", "<=", ">", ">="];
    private static readonly string[] OfInt = ["==", "!=", "<", "<=", ">", ">=", "in", "not_in"];
    private static readonly string[] OfBool = ["==", "!="];

    /// <summary>The operators, as rule files write them.</summary>
    /// <param name="type">The type.</param>
    /// <param name="isOfSpan">Whether the field is one of spans, whose texts are always there.</param>
    public static IReadOnlyList<string> Allowed(FieldType type, bool isOfSpan) => type switch
    {
        FieldType.Any => OfAny,
        FieldType.Text => isOfSpan ? OfText : OfOptionalText,
        FieldType.Word => OfWord,
        FieldType.Duration => OfDuration,
        FieldType.Int => OfInt,
        FieldType.Bool => OfBool,
        _ => [],
    };
}
