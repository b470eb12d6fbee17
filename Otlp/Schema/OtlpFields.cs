namespace TelemetryPipeline.Otlp.Schema;

/// <summary>Fields of OTLP messages by name, for components that produce telemetry with <see cref="OtlpRequestBuilder"/>.</summary>
/// <remarks>
/// Names and numbers are those of the <c>.proto</c> files of OTLP 1.x. Messages that differ by signal only in their name
/// (<c>ResourceSpans</c>, <c>ResourceMetrics</c>, <c>ResourceLogs</c>) have the same numbers and are listed once.
/// </remarks>
public static class OtlpFields
{
    /// <summary>An export request of any signal.</summary>
    public static class Request
    {
        /// <summary>The resource envelopes.</summary>
        public static OtlpField Resources => new(1);
    }

    /// <summary><c>ResourceSpans</c>, <c>ResourceMetrics</c>, <c>ResourceLogs</c>.</summary>
    public static class ResourceEnvelope
    {
        /// <summary>The resource.</summary>
        public static OtlpField Resource => new(1);

        /// <summary>The scope envelopes.</summary>
        public static OtlpField Scopes => new(2);
    }

    /// <summary><c>ScopeSpans</c>, <c>ScopeMetrics</c>, <c>ScopeLogs</c>.</summary>
    public static class ScopeEnvelope
    {
        /// <summary>The instrumentation scope.</summary>
        public static OtlpField Scope => new(1);

        /// <summary>Spans, metrics or log records.</summary>
        public static OtlpField Items => new(2);
    }

    /// <summary><c>Resource</c>.</summary>
    public static class Resource
    {
        /// <summary>The attributes.</summary>
        public static OtlpField Attributes => new(1);
    }

    /// <summary><c>InstrumentationScope</c>.</summary>
    public static class Scope
    {
        /// <summary>The name.</summary>
        public static OtlpField Name => new(1);
    }

    /// <summary><c>KeyValue</c>.</summary>
    public static class KeyValue
    {
        /// <summary>The key.</summary>
        public static OtlpField Key => new(1);

        /// <summary>The value.</summary>
        public static OtlpField Value => new(2);
    }

    /// <summary><c>AnyValue</c>: exactly one of its fields is set.</summary>
    public static class AnyValue
    {
        /// <summary>A text.</summary>
        public static OtlpField Text => new((int)AnyValueKind.Text);

        /// <summary>True or false.</summary>
        public static OtlpField Bool => new((int)AnyValueKind.Bool);

        /// <summary>An integer.</summary>
        public static OtlpField Int => new((int)AnyValueKind.Int);

        /// <summary>A floating-point number.</summary>
        public static OtlpField Double => new((int)AnyValueKind.Double);

        /// <summary>An array: a message with <see cref="Values.Item"/>.</summary>
        public static OtlpField Array => new((int)AnyValueKind.Array);

        /// <summary>A map: a message with <see cref="Values.Item"/>, each a key and a value.</summary>
        public static OtlpField KeyValueList => new((int)AnyValueKind.KeyValueList);
    }

    /// <summary><c>ArrayValue</c>, <c>KeyValueList</c>.</summary>
    public static class Values
    {
        /// <summary>An element or entry.</summary>
        public static OtlpField Item => new(1);
    }

    /// <summary><c>Span</c>.</summary>
    public static class Span
    {
        /// <summary>The trace id.</summary>
        public static OtlpField TraceId => new(1);

        /// <summary>The span id.</summary>
        public static OtlpField SpanId => new(2);

        /// <summary>The parent's span id.</summary>
        public static OtlpField ParentSpanId => new(4);

        /// <summary>The name.</summary>
        public static OtlpField Name => new(5);

        /// <summary>The kind.</summary>
        public static OtlpField Kind => new(6);

        /// <summary>Start in nanoseconds since the Unix epoch.</summary>
        public static OtlpField StartNs => new(7);

        /// <summary>End in nanoseconds since the Unix epoch.</summary>
        public static OtlpField EndNs => new(8);

        /// <summary>The attributes.</summary>
        public static OtlpField Attributes => new(9);

        /// <summary>The status.</summary>
        public static OtlpField Status => new(15);
    }

    /// <summary><c>Status</c>.</summary>
    public static class Status
    {
        /// <summary>The code.</summary>
        public static OtlpField Code => new(3);
    }

    /// <summary><c>LogRecord</c>.</summary>
    public static class LogRecord
    {
        /// <summary>Time in nanoseconds since the Unix epoch.</summary>
        public static OtlpField TimeNs => new(1);

        /// <summary>The severity number.</summary>
        public static OtlpField SeverityNumber => new(2);

        /// <summary>The severity text.</summary>
        public static OtlpField SeverityText => new(3);

        /// <summary>The body.</summary>
        public static OtlpField Body => new(5);

        /// <summary>The attributes.</summary>
        public static OtlpField Attributes => new(6);

        /// <summary>The trace id.</summary>
        public static OtlpField TraceId => new(9);

        /// <summary>The span id.</summary>
        public static OtlpField SpanId => new(10);

        /// <summary>Time of observation in nanoseconds since the Unix epoch.</summary>
        public static OtlpField ObservedNs => new(11);

        /// <summary>The event name.</summary>
        public static OtlpField EventName => new(12);
    }

    /// <summary><c>Metric</c>.</summary>
    public static class Metric
    {
        /// <summary>The name.</summary>
        public static OtlpField Name => new(1);

        /// <summary>The description.</summary>
        public static OtlpField Description => new(2);

        /// <summary>The unit.</summary>
        public static OtlpField Unit => new(3);

        /// <summary>The data of a histogram.</summary>
        public static OtlpField Histogram => new(9);
    }

    /// <summary><c>Histogram</c>.</summary>
    public static class Histogram
    {
        /// <summary>The data points.</summary>
        public static OtlpField Points => new(1);

        /// <summary>The aggregation temporality.</summary>
        public static OtlpField Temporality => new(2);
    }

    /// <summary><c>HistogramDataPoint</c>.</summary>
    public static class HistogramPoint
    {
        /// <summary>Start in nanoseconds since the Unix epoch.</summary>
        public static OtlpField StartNs => new(2);

        /// <summary>Time in nanoseconds since the Unix epoch.</summary>
        public static OtlpField TimeNs => new(3);

        /// <summary>Number of values.</summary>
        public static OtlpField Count => new(4);

        /// <summary>Sum of the values.</summary>
        public static OtlpField Sum => new(5);

        /// <summary>Counts by bucket, packed.</summary>
        public static OtlpField BucketCounts => new(6);

        /// <summary>Upper bounds of the buckets, packed.</summary>
        public static OtlpField ExplicitBounds => new(7);

        /// <summary>The exemplars.</summary>
        public static OtlpField Exemplars => new(8);

        /// <summary>The attributes.</summary>
        public static OtlpField Attributes => new(9);

        /// <summary>The smallest value.</summary>
        public static OtlpField Min => new(11);

        /// <summary>The largest value.</summary>
        public static OtlpField Max => new(12);
    }

    /// <summary><c>Exemplar</c>.</summary>
    public static class Exemplar
    {
        /// <summary>Time in nanoseconds since the Unix epoch.</summary>
        public static OtlpField TimeNs => new(2);

        /// <summary>The value as a floating-point number.</summary>
        public static OtlpField Double => new(3);

        /// <summary>The span id.</summary>
        public static OtlpField SpanId => new(4);

        /// <summary>The trace id.</summary>
        public static OtlpField TraceId => new(5);

        /// <summary>Attributes of the measurement that the point does not have.</summary>
        public static OtlpField FilteredAttributes => new(7);
    }
}
