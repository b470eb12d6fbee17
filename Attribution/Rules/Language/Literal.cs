namespace TelemetryPipeline.Attribution.Rules.Language;

/// <summary>The type of a value in a rule.</summary>
internal enum LiteralKind : byte
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Int,

    /// <summary>A number with a point or an exponent.</summary>
    Float,

    /// <summary>True or false, as 1 or 0.</summary>
    Bool,

    /// <summary>A duration in ns.</summary>
    Duration,

    /// <summary>A quantile of the span's baseline, as its number in <see cref="Quantile"/>.</summary>
    Baseline,
}

/// <summary>A value in a rule.</summary>
/// <param name="Kind">Its type.</param>
/// <param name="Text">The text, or the value as it was written.</param>
/// <param name="Whole">The value of an int, a bool, a duration in ns or a baseline.</param>
/// <param name="Real">The value of a float, and of an int as a float; the factor of a baseline.</param>
internal sealed record Literal(LiteralKind Kind, string Text, long Whole = 0, double Real = 0);
