using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.TestSupport.Otlp;
using Status = OpenTelemetry.Proto.Trace.V1.Status;

namespace TelemetryPipeline.Tests.Exporters.Elasticsearch;

/// <summary>Telemetry with everything in it that a document can show.</summary>
internal static class ElasticsearchData
{
    public const ulong TimeNs = 1_721_314_113_467_654_123;

    public static AnyValue Text(string value) => new() { StringValue = value };

    public static AnyValue Number(long value) => new() { IntValue = value };

    public static AnyValue Array(params AnyValue[] values) => new() { ArrayValue = new ArrayValue { Values = { values } } };

    public static AnyValue List(params (string Key, AnyValue Value)[] entries)
    {
        var list = new KeyValueList();
        foreach (var (key, value) in entries)
        {
            list.Values.Add(new KeyValue { Key = key, Value = value });
        }

        return new AnyValue { KvlistValue = list };
    }

    public static Resource Ledger(params (string Key, AnyValue Value)[] more)
    {
        var resource = new Resource();
        Add(resource.Attributes, ("service.name", Text("balance-ledger")), ("tenant.id", Text("bank-a")));
        Add(resource.Attributes, more);
        return resource;
    }

    public static void Add(
        Google.Protobuf.Collections.RepeatedField<KeyValue> attributes, params (string Key, AnyValue Value)[] more)
    {
        foreach (var (key, value) in more)
        {
            attributes.Add(new KeyValue { Key = key, Value = value });
        }
    }

    public static ExportTraceServiceRequest Traces(params Span[] spans) => new()
    {
        ResourceSpans =
        {
            new ResourceSpans
            {
                Resource = Ledger(),
                SchemaUrl = "https://opentelemetry.io/schemas/1.37.0",
                ScopeSpans = { new ScopeSpans { Scope = Scope(), Spans = { spans } } },
            },
        },
    };

    public static ExportLogsServiceRequest Logs(params LogRecord[] records) => new()
    {
        ResourceLogs =
        {
            new ResourceLogs { Resource = Ledger(), ScopeLogs = { new ScopeLogs { Scope = Scope(), LogRecords = { records } } } },
        },
    };

    public static ExportMetricsServiceRequest Metrics(params Metric[] metrics) => new()
    {
        ResourceMetrics =
        {
            new ResourceMetrics
            {
                Resource = Ledger(), ScopeMetrics = { new ScopeMetrics { Scope = Scope(), Metrics = { metrics } } },
            },
        },
    };

    public static InstrumentationScope Scope() => new() { Name = "core.v1.Ledger", Version = "2.4.1" };

    /// <summary>A debit that failed, with an event, a link, and every type of attribute.</summary>
    public static Span Debit()
    {
        var span = new SpanBuilder("core.v1.Ledger/Deduct")
            .Trace(0x5452_4432_3032_3430, 0x35_3231_3030_3031).Id(0x0b).Parent(0x0a).At(TimeNs, 12_345_678)
            .With("node_type", "balance_ledger").With("biz.order_no", "TRD20240521000001").With("amount", 12_500L)
            .With("rate", 1.0).With("fee", 0.25).With("reversal", value: false).With("note", "\u4f59\u989d\u4e0d\u8db3 <a> \"b\" \\")
            .With("codes", Array(Text("ERR_A"), Text("ERR_B"))).With("mixed", Array(Text("a"), Number(1)))
            .With("numbers", Array(Number(1), new AnyValue { DoubleValue = 2.5 })).With("never", double.NaN)
            .With("raw", new AnyValue { BytesValue = ByteString.CopyFrom(1, 2, 3) })
            .With("risk", List(("score", Number(42)), ("model", List(("name", Text("m1"))))))
            .Failed("balance too low").Build();
        span.TraceState = "bank=a";
        span.DroppedAttributesCount = 2;
        span.DroppedEventsCount = 1;
        span.DroppedLinksCount = 3;
        var rejected = new Span.Types.Event { Name = "exception", TimeUnixNano = TimeNs + 1_000_000, DroppedAttributesCount = 1 };
        Add(rejected.Attributes, ("exception.type", Text("InsufficientBalance")), ("exception.message", Text("balance too low")));
        span.Events.Add(rejected);
        var link = new Span.Types.Link { TraceId = span.TraceId, SpanId = ByteString.CopyFrom(0, 0, 0, 0, 0, 0, 0, 9) };
        Add(link.Attributes, ("reason", Text("retry of")));
        span.Links.Add(link);
        return span;
    }

    public static LogRecord Log() => new()
    {
        TimeUnixNano = TimeNs,
        ObservedTimeUnixNano = TimeNs + 5,
        SeverityNumber = SeverityNumber.Warn,
        SeverityText = "WARN",
        Body = Text("limit nearly reached"),
        Attributes = { new KeyValue { Key = "biz.order_no", Value = Text("TRD20240521000001") } },
    };

    /// <summary>An attribution as the connector makes it.</summary>
    public static LogRecord Attribution(long revision = 1)
    {
        var record = new LogRecord
        {
            TimeUnixNano = TimeNs,
            ObservedTimeUnixNano = TimeNs + (ulong)revision,
            SeverityNumber = SeverityNumber.Error,
            EventName = "anomaly.attribution",
            Body = Text("Transfer TRD20240521000001 failed: ERR_INSUFFICIENT_BALANCE at balance-ledger"),
            TraceId = ByteString.CopyFrom(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
            SpanId = ByteString.CopyFrom(0, 0, 0, 0, 0, 0, 0, 11),
        };
        Add(
            record.Attributes,
            ("anomaly.event_id", Text("5f0c")), ("anomaly.revision", Number(revision)), ("anomaly.state", Text("firing")),
            ("anomaly.rule_id", Text("insufficient-balance")), ("anomaly.root_cause", Text("ERR_INSUFFICIENT_BALANCE")),
            ("anomaly.notify", Array(Text("ledger-team"), Text("sre"))),
            (
                "anomaly.chain",
                Array(
                    List(
                        ("service.name", Text("mobile-bank-gateway")), ("node_type", Text("gateway")), ("span_id", Text("0a")),
                        ("duration_ns", Number(20)), ("status", Text("ERROR"))),
                    List(
                        ("service.name", Text("balance-ledger")), ("node_type", Text("balance_ledger")), ("span_id", Text("0b")),
                        ("duration_ns", Number(12)), ("status", Text("ERROR")), ("code", Text("ERR_INSUFFICIENT_BALANCE"))))),
            ("anomaly.path", Text("mobile-bank-gateway > balance-ledger")),
            ("anomaly.evidence", List(("code", Text("ERR_INSUFFICIENT_BALANCE")), ("amount", Number(12_500)))),
            ("biz.order_no", Text("TRD20240521000001")));
        return record;
    }

    /// <summary>A frame of the heat map: 60 buckets of 10 ms.</summary>
    public static Metric HeatmapFrame()
    {
        var point = new HistogramDataPoint
        {
            StartTimeUnixNano = TimeNs,
            TimeUnixNano = TimeNs + 1_000_000_000,
            Count = 4,
            Sum = 1_000,
            Min = 4,
            Max = 700,
        };
        for (var i = 1; i < 60; i++)
        {
            point.ExplicitBounds.Add(10 * i);
        }

        var counts = new ulong[60];
        (counts[0], counts[3], counts[59]) = (1, 2, 1);
        point.BucketCounts.Add(counts);
        Add(point.Attributes, ("node_type", Text("balance_ledger")));
        return new Metric
        {
            Name = "latency.heatmap",
            Unit = "ms",
            Histogram = new Histogram { AggregationTemporality = AggregationTemporality.Delta, DataPoints = { point } },
        };
    }

    public static Metric Counter(string name, long value, string channel = "nucc") => new()
    {
        Name = name,
        Unit = "1",
        Sum = new Sum
        {
            AggregationTemporality = AggregationTemporality.Cumulative,
            IsMonotonic = true,
            DataPoints =
            {
                new NumberDataPoint
                {
                    StartTimeUnixNano = 1, TimeUnixNano = TimeNs, AsInt = value,
                    Attributes = { new KeyValue { Key = "payment_channel", Value = Text(channel) } },
                },
            },
        },
    };

    public static Metric Gauge(string name, double value, string channel = "nucc") => new()
    {
        Name = name,
        Unit = "1",
        Gauge = new Gauge
        {
            DataPoints =
            {
                new NumberDataPoint
                {
                    StartTimeUnixNano = 1, TimeUnixNano = TimeNs, AsDouble = value,
                    Attributes = { new KeyValue { Key = "payment_channel", Value = Text(channel) } },
                },
            },
        },
    };

    public static Metric Exponential() => new()
    {
        Name = "transfer.duration",
        Unit = "s",
        ExponentialHistogram = new ExponentialHistogram
        {
            AggregationTemporality = AggregationTemporality.Delta,
            DataPoints =
            {
                new ExponentialHistogramDataPoint
                {
                    TimeUnixNano = TimeNs, Count = 7, Sum = 10, Scale = 0, ZeroCount = 1,
                    Positive = new ExponentialHistogramDataPoint.Types.Buckets { Offset = 0, BucketCounts = { 1, 0, 2 } },
                    Negative = new ExponentialHistogramDataPoint.Types.Buckets { Offset = 0, BucketCounts = { 2, 1 } },
                },
            },
        },
    };

    public static Metric Summary() => new()
    {
        Name = "settlement.duration",
        Unit = "s",
        Summary = new Summary
        {
            DataPoints =
            {
                new SummaryDataPoint
                {
                    TimeUnixNano = TimeNs, Count = 3, Sum = 6,
                    QuantileValues = { new SummaryDataPoint.Types.ValueAtQuantile { Quantile = 0.5, Value = 2 } },
                },
            },
        },
    };

    public static Status Ok() => new() { Code = Status.Types.StatusCode.Ok };
}
