namespace TelemetryPipeline.Attribution.Rules.Language;

/// <summary>The operators as rule files write them.</summary>
internal static class OperatorWords
{
    /// <summary>A wildcard: stands for the codes of its whitelist that fit.</summary>
    public const string Wildcard = "wildcard";

    /// <summary>Names the whitelist of a wildcard.</summary>
    public const string Whitelist = "whitelist";

    /// <summary>The operators that take one value, longer ones first where one begins with another.</summary>
    public static readonly (string Word, Operator Operator)[] Symbols =
    [
        ("==", Operator.In), ("!=", Operator.NotIn), ("<=", Operator.LessOrEqual), (">=", Operator.GreaterOrEqual),
        ("<", Operator.Less), (">", Operator.Greater),
    ];

    /// <summary>The operators that are words.</summary>
    public static readonly (string Word, Operator Operator)[] Words =
    [
        ("in", Operator.In), ("not_in", Operator.NotIn), ("starts_with", Operator.StartsWith), ("matches", Operator.Matches),
        ("exists", Operator.Exists),
    ];

    /// <summary>All that may stand where an operator is expected.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "==", "!=", "<", "<=", ">", ">=", "in", "not_in", "starts_with", "matches", "exists", Wildcard, Whitelist,
    ];

    /// <summary>The word of an operator.</summary>
    /// <param name="op">The operator.</param>
    public static string Of(Operator op) => op switch
    {
        Operator.In => "in",
        Operator.NotIn => "not_in",
        Operator.Less => "<",
        Operator.LessOrEqual => "<=",
        Operator.Greater => ">",
        Operator.GreaterOrEqual => ">=",
        Operator.StartsWith => "starts_with",
        Operator.Matches => "matches",
        Operator.Exists => "exists",
        _ => "passes",
    };
}
