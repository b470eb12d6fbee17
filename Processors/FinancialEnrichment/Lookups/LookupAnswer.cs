namespace TelemetryPipeline.Processors.FinancialEnrichment.Lookups;

/// <summary>What a lookup knows about a key.</summary>
internal enum LookupAnswer : byte
{
    /// <summary>Its value.</summary>
    Found,

    /// <summary>That it has none.</summary>
    None,

    /// <summary>Nothing yet; it is being asked for.</summary>
    Unknown,
}
