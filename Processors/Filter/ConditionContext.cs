namespace TelemetryPipeline.Processors.Filter;

/// <summary>What a condition is about; it decides which paths there are.</summary>
internal enum ConditionContext : byte
{
    Span,
    Metric,
    DataPoint,
    LogRecord,
}
