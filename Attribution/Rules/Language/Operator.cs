namespace TelemetryPipeline.Attribution.Rules.Language;

/// <summary>How a field is compared.</summary>
internal enum Operator : byte
{
    /// <summary>Is one of the values: <c>==</c>, <c>in</c>, and wildcards, which stand for codes of their whitelist.</summary>
    In,

    /// <summary>Is there and is none of the values: <c>!=</c>, <c>not_in</c>.</summary>
    NotIn,

    /// <summary>Is less.</summary>
    Less,

    /// <summary>Is less or equal.</summary>
    LessOrEqual,

    /// <summary>Is more.</summary>
    Greater,

    /// <summary>Is more or equal.</summary>
    GreaterOrEqual,

    /// <summary>Begins with a text.</summary>
    StartsWith,

    /// <summary>A regular expression matches somewhere in it.</summary>
    Matches,

    /// <summary>Is there, or is not.</summary>
    Exists,

    /// <summary>A path passes the names in order.</summary>
    Passes,
}
