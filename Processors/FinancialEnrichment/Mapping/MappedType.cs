namespace TelemetryPipeline.Processors.FinancialEnrichment.Mapping;

/// <summary>What a mapped value becomes.</summary>
internal enum MappedType : byte
{
    /// <summary>Text; numbers in decimal.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Int,

    /// <summary>A floating-point number.</summary>
    Double,

    /// <summary>True or false.</summary>
    Bool,

    /// <summary>Whole minor units: text with a point and floating-point numbers are major units, all others minor.</summary>
    Amount,

    /// <summary>As <see cref="Amount"/>, with text that has no point in major units too.</summary>
    MajorAmount,

    /// <summary>Milliseconds since the Unix epoch: from seconds to nanoseconds by size, or ISO 8601.</summary>
    TimestampMs,

    /// <summary>An ISO 4217 code in capitals.</summary>
    Currency,
}
