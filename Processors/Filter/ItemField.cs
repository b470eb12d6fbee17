namespace TelemetryPipeline.Processors.Filter;

/// <summary>The fields that conditions can name.</summary>
internal enum ItemField : byte
{
    SpanName,
    SpanKind,
    StatusCode,
    StatusMessage,
    StartTime,
    EndTime,
    ScopeName,
    ScopeVersion,
    MetricName,
    MetricUnit,
    MetricDescription,
    MetricType,
    SeverityNumber,
    SeverityText,
    EventName,
    Body,
}
