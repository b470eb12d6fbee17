namespace TelemetryPipeline.Processors.FinancialEnrichment.Validation;

/// <summary>What becomes of a span whose value has the wrong form.</summary>
internal enum ValidationAction : byte
{
    /// <summary>It stays, and says so.</summary>
    Keep,

    /// <summary>The value is replaced.</summary>
    Redact,

    /// <summary>The span is dropped and counted.</summary>
    Drop,
}
