namespace TelemetryPipeline.Otlp;

/// <summary>What a node of a request is, whatever the signal.</summary>
public enum OtlpNodeKind : byte
{
    /// <summary>Not a node: an attribute, an event, anything that is not addressed on its own.</summary>
    None,

    /// <summary>A <c>ResourceSpans</c>, <c>ResourceMetrics</c> or <c>ResourceLogs</c>.</summary>
    ResourceEnvelope,

    /// <summary>The resource of an envelope. Every envelope has one: where the sender left it out, it is empty.</summary>
    Resource,

    /// <summary>A <c>ScopeSpans</c>, <c>ScopeMetrics</c> or <c>ScopeLogs</c>.</summary>
    ScopeEnvelope,

    /// <summary>The instrumentation scope of an envelope. Every envelope has one: where the sender left it out, it is empty.</summary>
    Scope,

    /// <summary>A metric: name, unit, and its data.</summary>
    Metric,

    /// <summary>A gauge, sum, histogram, exponential histogram or summary: the list of a metric's points.</summary>
    MetricData,

    /// <summary>What <see cref="OtlpBatch.ItemCount"/> counts: a span, a data point, a log record.</summary>
    Item,
}
