namespace TelemetryPipeline.Processors.FinancialEnrichment.Mapping;

/// <summary>What a step of a <see cref="MappingPlan"/> does.</summary>
internal enum MappingWork : byte
{
    /// <summary>Holds a value that is in its place to its form.</summary>
    Check,

    /// <summary>Converts a value of the span.</summary>
    Convert,

    /// <summary>Takes the span's start.</summary>
    StartTime,
}
