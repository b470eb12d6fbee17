namespace TelemetryPipeline.Processors.FinancialEnrichment.Mapping;

/// <summary>Where a mapping looks for a value.</summary>
internal enum SourceKind : byte
{
    /// <summary>An attribute of the span.</summary>
    Span,

    /// <summary>An attribute of the resource.</summary>
    Resource,

    /// <summary>An entry of the W3C baggage header that an instrumentation recorded as an attribute of the span.</summary>
    BaggageHeader,

    /// <summary>A header of the request that brought the batch.</summary>
    Metadata,

    /// <summary>The span's start.</summary>
    StartTime,
}
