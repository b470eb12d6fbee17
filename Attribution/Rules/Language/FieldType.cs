namespace TelemetryPipeline.Attribution.Rules.Language;

/// <summary>What values a field has, which decides the operators it takes.</summary>
internal enum FieldType : byte
{
    /// <summary>An attribute: text, whole number, number or boolean, whatever the sender wrote.</summary>
    Any,

    /// <summary>Text.</summary>
    Text,

    /// <summary>One of a fixed set of words.</summary>
    Word,

    /// <summary>A duration.</summary>
    Duration,

    /// <summary>A whole number.</summary>
    Int,

    /// <summary>True or false.</summary>
    Bool,

    /// <summary>A path of names.</summary>
    Path,
}
