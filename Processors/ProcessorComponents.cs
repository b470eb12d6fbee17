using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.Attributes;
using TelemetryPipeline.Processors.Batch;
using TelemetryPipeline.Processors.FieldEncryption;
using TelemetryPipeline.Processors.Filter;
using TelemetryPipeline.Processors.FinancialEnrichment;
using TelemetryPipeline.Processors.MemoryLimiter;

namespace TelemetryPipeline.Processors;

/// <summary>The processors of this build, one line each.</summary>
public static class ProcessorComponents
{
    /// <summary>Their factories.</summary>
    public static IReadOnlyList<ComponentFactory> All { get; } =
    [
        new MemoryLimiterFactory(),
        new BatchFactory(),
        new AttributesFactory(),
        new ResourceFactory(),
        new FilterFactory(),
        new FinancialEnrichmentFactory(),
        new FieldEncryptionFactory(),
    ];
}
