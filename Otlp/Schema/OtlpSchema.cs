using static TelemetryPipeline.Otlp.Schema.FieldKind;

namespace TelemetryPipeline.Otlp.Schema;

/// <summary>
/// Every message and field of OTLP 1.11 (traces, metrics, logs). The one place to add a field: validation, JSON in both
/// directions and the tests' coverage check follow this table.
/// </summary>
internal static class OtlpSchema
{
    /// <summary>Field numbers are below this in every message, so that a rule is found by shifting: message * 32 + field.</summary>
    public const int FieldLimit = 32;

    private static readonly string[] Temporality =
    [
        "AGGREGATION_TEMPORALITY_UNSPECIFIED", "AGGREGATION_TEMPORALITY_DELTA", "AGGREGATION_TEMPORALITY_CUMULATIVE",
    ];

    private static readonly string[] SpanKinds =
    [
        "SPAN_KIND_UNSPECIFIED", "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT", "SPAN_KIND_PRODUCER",
        "SPAN_KIND_CONSUMER",
    ];

    private static readonly string[] StatusCodes = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"];

    private static readonly string[] Severities = SeverityNames();

    /// <summary>Every message, indexed by its kind.</summary>
    public static readonly MessageSpec[] Messages = Build();

    /// <summary>The description of a message.</summary>
    public static MessageSpec Of(MessageKind kind) => Messages[(int)kind];

    /// <summary>The request message of a signal.</summary>
    public static MessageKind RequestOf(Signal signal) => signal switch
    {
        Signal.Traces => MessageKind.TracesRequest,
        Signal.Metrics => MessageKind.MetricsRequest,
        _ => MessageKind.LogsRequest,
    };

    /// <summary>Whether a message is what <see cref="OtlpChunk.ItemCount"/> counts: a span, data point or log record.</summary>
    public static bool IsItem(MessageKind kind) => kind is MessageKind.Span or MessageKind.LogRecord
        or MessageKind.NumberDataPoint or MessageKind.HistogramDataPoint or MessageKind.ExponentialHistogramDataPoint
        or MessageKind.SummaryDataPoint;

    /// <summary>Whether a message is an item, or one with fields of its own above items: what can be refused alone.</summary>
    public static bool IsHolder(MessageKind kind) => IsItem(kind) || kind is MessageKind.ResourceSpans
        or MessageKind.ResourceMetrics or MessageKind.ResourceLogs or MessageKind.ScopeSpans or MessageKind.ScopeMetrics
        or MessageKind.ScopeLogs or MessageKind.Metric;

    private static MessageSpec[] Build()
    {
        MessageSpec[] all = [new(MessageKind.None), .. Envelopes(), .. Traces(), .. Metrics(), .. Points(), .. Logs(), .. Shared()];
        Array.Sort(all, static (a, b) => a.Kind.CompareTo(b.Kind));
        return all;
    }

    private static MessageSpec[] Envelopes() =>
    [
        new(MessageKind.TracesRequest, Many(1, "resource_spans", MessageKind.ResourceSpans)),
        new(MessageKind.MetricsRequest, Many(1, "resource_metrics", MessageKind.ResourceMetrics)),
        new(MessageKind.LogsRequest, Many(1, "resource_logs", MessageKind.ResourceLogs)),
        new(
            MessageKind.ResourceSpans,
            One(1, "resource", MessageKind.Resource), Many(2, "scope_spans", MessageKind.ScopeSpans), Field(3, "schema_url", Text)),
        new(
            MessageKind.ResourceMetrics,
            One(1, "resource", MessageKind.Resource), Many(2, "scope_metrics", MessageKind.ScopeMetrics), Field(3, "schema_url", Text)),
        new(
            MessageKind.ResourceLogs,
            One(1, "resource", MessageKind.Resource), Many(2, "scope_logs", MessageKind.ScopeLogs), Field(3, "schema_url", Text)),
        new(
            MessageKind.ScopeSpans,
            One(1, "scope", MessageKind.Scope), Many(2, "spans", MessageKind.Span), Field(3, "schema_url", Text)),
        new(
            MessageKind.ScopeMetrics,
            One(1, "scope", MessageKind.Scope), Many(2, "metrics", MessageKind.Metric), Field(3, "schema_url", Text)),
        new(
            MessageKind.ScopeLogs,
            One(1, "scope", MessageKind.Scope), Many(2, "log_records", MessageKind.LogRecord), Field(3, "schema_url", Text)),
    ];

    private static MessageSpec[] Traces() =>
    [
        new(
            MessageKind.Span,
            Field(1, "trace_id", TraceId), Field(2, "span_id", SpanId), Field(3, "trace_state", Text),
            Field(4, "parent_span_id", SpanId), Field(16, "flags", Fixed32), Field(5, "name", Text),
            Choices(6, "kind", SpanKinds), Field(7, "start_time_unix_nano", Fixed64),
            Field(8, "end_time_unix_nano", Fixed64), Attributes(9), Field(10, "dropped_attributes_count", Unsigned32),
            Many(11, "events", MessageKind.SpanEvent), Field(12, "dropped_events_count", Unsigned32),
            Many(13, "links", MessageKind.SpanLink), Field(14, "dropped_links_count", Unsigned32),
            One(15, "status", MessageKind.SpanStatus)),
        new(
            MessageKind.SpanEvent,
            Field(1, "time_unix_nano", Fixed64), Field(2, "name", Text), Attributes(3),
            Field(4, "dropped_attributes_count", Unsigned32)),
        new(
            MessageKind.SpanLink,
            Field(1, "trace_id", TraceId), Field(2, "span_id", SpanId), Field(3, "trace_state", Text),
            Attributes(4), Field(5, "dropped_attributes_count", Unsigned32), Field(6, "flags", Fixed32)),
        new(MessageKind.SpanStatus, Field(2, "message", Text), Choices(3, "code", StatusCodes)),
    ];

    private static MessageSpec[] Metrics() =>
    [
        new(
            MessageKind.Metric,
            Field(1, "name", Text), Field(2, "description", Text), Field(3, "unit", Text),
            Choice(5, "gauge", MessageKind.Gauge), Choice(7, "sum", MessageKind.Sum),
            Choice(9, "histogram", MessageKind.Histogram),
            Choice(10, "exponential_histogram", MessageKind.ExponentialHistogram),
            Choice(11, "summary", MessageKind.Summary), Many(12, "metadata", MessageKind.KeyValue)),
        new(MessageKind.Gauge, Many(1, "data_points", MessageKind.NumberDataPoint)),
        new(
            MessageKind.Sum,
            Many(1, "data_points", MessageKind.NumberDataPoint), Choices(2, "aggregation_temporality", Temporality),
            Field(3, "is_monotonic", Bool)),
        new(
            MessageKind.Histogram,
            Many(1, "data_points", MessageKind.HistogramDataPoint), Choices(2, "aggregation_temporality", Temporality)),
        new(
            MessageKind.ExponentialHistogram,
            Many(1, "data_points", MessageKind.ExponentialHistogramDataPoint),
            Choices(2, "aggregation_temporality", Temporality)),
        new(MessageKind.Summary, Many(1, "data_points", MessageKind.SummaryDataPoint)),
    ];

    private static MessageSpec[] Points() =>
    [
        new(
            MessageKind.NumberDataPoint,
            Attributes(7), Field(2, "start_time_unix_nano", Fixed64), Field(3, "time_unix_nano", Fixed64),
            Choice(4, "as_double", Float64), Choice(6, "as_int", SFixed64), Many(5, "exemplars", MessageKind.Exemplar),
            Field(8, "flags", Unsigned32)),
        new(
            MessageKind.HistogramDataPoint,
            Attributes(9), Field(2, "start_time_unix_nano", Fixed64), Field(3, "time_unix_nano", Fixed64),
            Field(4, "count", Fixed64), Field(5, "sum", Float64), List(6, "bucket_counts", Fixed64),
            List(7, "explicit_bounds", Float64), Many(8, "exemplars", MessageKind.Exemplar),
            Field(10, "flags", Unsigned32), Field(11, "min", Float64), Field(12, "max", Float64)),
        new(
            MessageKind.ExponentialHistogramDataPoint,
            Attributes(1), Field(2, "start_time_unix_nano", Fixed64), Field(3, "time_unix_nano", Fixed64),
            Field(4, "count", Fixed64), Field(5, "sum", Float64), Field(6, "scale", ZigZag32),
            Field(7, "zero_count", Fixed64), One(8, "positive", MessageKind.Buckets),
            One(9, "negative", MessageKind.Buckets), Field(10, "flags", Unsigned32),
            Many(11, "exemplars", MessageKind.Exemplar), Field(12, "min", Float64), Field(13, "max", Float64),
            Field(14, "zero_threshold", Float64)),
        new(MessageKind.Buckets, Field(1, "offset", ZigZag32), List(2, "bucket_counts", Unsigned64)),
        new(
            MessageKind.SummaryDataPoint,
            Attributes(7), Field(2, "start_time_unix_nano", Fixed64), Field(3, "time_unix_nano", Fixed64),
            Field(4, "count", Fixed64), Field(5, "sum", Float64), Many(6, "quantile_values", MessageKind.ValueAtQuantile),
            Field(8, "flags", Unsigned32)),
        new(MessageKind.ValueAtQuantile, Field(1, "quantile", Float64), Field(2, "value", Float64)),
        new(
            MessageKind.Exemplar,
            Many(7, "filtered_attributes", MessageKind.KeyValue), Field(2, "time_unix_nano", Fixed64),
            Choice(3, "as_double", Float64), Choice(6, "as_int", SFixed64), Field(4, "span_id", SpanId),
            Field(5, "trace_id", TraceId)),
    ];

    private static MessageSpec[] Logs() =>
    [
        new(
            MessageKind.LogRecord,
            Field(1, "time_unix_nano", Fixed64), Field(11, "observed_time_unix_nano", Fixed64),
            Choices(2, "severity_number", Severities), Field(3, "severity_text", Text),
            One(5, "body", MessageKind.AnyValue), Attributes(6), Field(7, "dropped_attributes_count", Unsigned32),
            Field(8, "flags", Fixed32), Field(9, "trace_id", TraceId), Field(10, "span_id", SpanId),
            Field(12, "event_name", Text)),
    ];

    private static MessageSpec[] Shared() =>
    [
        new(
            MessageKind.Resource,
            Attributes(1), Field(2, "dropped_attributes_count", Unsigned32), Many(3, "entity_refs", MessageKind.EntityRef)),
        new(
            MessageKind.EntityRef,
            Field(1, "schema_url", Text), Field(2, "type", Text), List(3, "id_keys", Text),
            List(4, "description_keys", Text)),
        new(
            MessageKind.Scope,
            Field(1, "name", Text), Field(2, "version", Text), Attributes(3),
            Field(4, "dropped_attributes_count", Unsigned32)),
        new(
            MessageKind.KeyValue,
            Field(1, "key", Text), One(2, "value", MessageKind.AnyValue), Field(3, "key_strindex", Signed32)),
        new(
            MessageKind.AnyValue,
            Choice(1, "string_value", Text), Choice(2, "bool_value", Bool), Choice(3, "int_value", Signed64),
            Choice(4, "double_value", Float64), Choice(5, "array_value", MessageKind.ArrayValue),
            Choice(6, "kvlist_value", MessageKind.KeyValueList), Choice(7, "bytes_value", Bytes),
            Choice(8, "string_value_strindex", Signed32)),
        new(MessageKind.ArrayValue, Many(1, "values", MessageKind.AnyValue)),
        new(MessageKind.KeyValueList, Many(1, "values", MessageKind.KeyValue)),
    ];

    private static FieldSpec Field(int number, string name, FieldKind kind) => new(number, name, kind);

    private static FieldSpec List(int number, string name, FieldKind kind) => new(number, name, kind) { Repeated = true };

    private static FieldSpec Choice(int number, string name, FieldKind kind) => new(number, name, kind) { InOneof = true };

    private static FieldSpec Choice(int number, string name, MessageKind message) =>
        new(number, name, Message) { Message = message, InOneof = true };

    private static FieldSpec One(int number, string name, MessageKind message) => new(number, name, Message) { Message = message };

    private static FieldSpec Many(int number, string name, MessageKind message) =>
        new(number, name, Message) { Message = message, Repeated = true };

    private static FieldSpec Attributes(int number) => Many(number, "attributes", MessageKind.KeyValue);

    private static FieldSpec Choices(int number, string name, string[] values) =>
        new(number, name, FieldKind.Named) { EnumNames = values };

    private static string[] SeverityNames()
    {
        var names = new List<string>(25) { "SEVERITY_NUMBER_UNSPECIFIED" };
        foreach (var level in (ReadOnlySpan<string>)["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"])
        {
            names.Add("SEVERITY_NUMBER_" + level);
            for (var step = 2; step <= 4; step++)
            {
                names.Add("SEVERITY_NUMBER_" + level + (char)('0' + step));
            }
        }

        return [.. names];
    }
}
