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

namespace TelemetryPipeline.Tests.Exporters.DebugOutput;

/// <summary>Requests with every field set somewhere; what the exporter shall make of them is in tests/testdata/debug.</summary>
internal static class DebugData
{
    private const ulong StartNs = 1_581_452_772_000_000_321; // 2020-02-11 20:26:12.000000321
    private const ulong EndNs = 1_581_452_773_500_000_000; // 2020-02-11 20:26:13.5

    private static readonly ByteString TraceId = ByteString.CopyFrom(Convert.FromHexString("0102030405060708090a0b0c0d0e0f10"));
    private static readonly ByteString SpanId = ByteString.CopyFrom(Convert.FromHexString("1112131415161718"));

    public static ExportTraceServiceRequest Traces()
    {
        var posting = new SpanBuilder("post transfer").With("currency", "CNY").With("amount", 1250).With("fee", 0.5)
            .With("domestic", true).Failed("insufficient funds").Parent(7).Build();
        posting.TraceId = TraceId;
        posting.SpanId = SpanId;
        posting.TraceState = "bank=a1";
        posting.Flags = 257;
        posting.StartTimeUnixNano = StartNs;
        posting.EndTimeUnixNano = EndNs;
        posting.DroppedAttributesCount = 1;
        posting.DroppedEventsCount = 2;
        posting.DroppedLinksCount = 3;
        posting.Events.Add(new Span.Types.Event
        {
            Name = "refused",
            TimeUnixNano = EndNs,
            DroppedAttributesCount = 4,
            Attributes = { Text("code", "51") },
        });
        posting.Events.Add(new Span.Types.Event { Name = "reversed" });
        posting.Links.Add(new Span.Types.Link
        {
            TraceId = TraceId,
            SpanId = SpanId,
            TraceState = "x=y",
            Attributes = { Text("why", "retry") },
        });
        var plain = new Span { Name = "line\nbreak \u001b[31m\u4e2d\u6587" };
        var scope = new InstrumentationScope { Name = "ledger", Version = "1.2.0", Attributes = { Text("team", "core") } };
        return new ExportTraceServiceRequest
        {
            ResourceSpans =
            {
                new ResourceSpans
                {
                    Resource = Ledger(),
                    SchemaUrl = "https://opentelemetry.io/schemas/1.26.0",
                    ScopeSpans = { new ScopeSpans { Scope = scope, SchemaUrl = "https://schemas.bank/1", Spans = { posting, plain } } },
                },
                new ResourceSpans(),
            },
        };
    }

    public static ExportMetricsServiceRequest Metrics()
    {
        var scope = new ScopeMetrics { Scope = new InstrumentationScope { Name = "meter" } };
        scope.Metrics.Add(Gauge());
        scope.Metrics.Add(Sum());
        scope.Metrics.Add(Histogram());
        scope.Metrics.Add(ExponentialHistogram());
        scope.Metrics.Add(Summary());
        scope.Metrics.Add(new Metric { Name = "nothing" });
        return new ExportMetricsServiceRequest
        {
            ResourceMetrics = { new ResourceMetrics { Resource = Ledger(), ScopeMetrics = { scope } } },
        };
    }

    public static ExportLogsServiceRequest Logs()
    {
        var refused = new LogRecord
        {
            ObservedTimeUnixNano = EndNs,
            TimeUnixNano = StartNs,
            SeverityText = "WARN",
            SeverityNumber = SeverityNumber.Warn2,
            EventName = "transfer.refused",
            Body = new AnyValue { StringValue = "card 6222 refused" },
            TraceId = TraceId,
            SpanId = SpanId,
            Flags = 1,
            DroppedAttributesCount = 2,
            Attributes =
            {
                Text("channel", "atm"),
                new KeyValue { Key = "raw", Value = new AnyValue { BytesValue = ByteString.CopyFrom(1, 2, 3) } },
                new KeyValue { Key = "none" },
            },
        };
        var map = new KeyValueList { Values = { Text("step", "settle"), new KeyValue { Key = "n", Value = new AnyValue { IntValue = 3 } } } };
        var structured = new LogRecord { Body = new AnyValue { KvlistValue = map } };
        return new ExportLogsServiceRequest
        {
            ResourceLogs =
            {
                new ResourceLogs { Resource = Ledger(), ScopeLogs = { new ScopeLogs { LogRecords = { refused, structured } } } },
            },
        };
    }

    private static Resource Ledger() => new()
    {
        Attributes = { Text("service.name", "core-ledger") },
        DroppedAttributesCount = 5,
        EntityRefs = { new EntityRef { Type = "service", IdKeys = { "service.name" } } },
    };

    private static Metric Gauge() => new()
    {
        Name = "queue.depth",
        Unit = "1",
        Metadata = { Text("owner", "payments") },
        Gauge = new Gauge
        {
            DataPoints =
            {
                new NumberDataPoint { AsInt = -123, TimeUnixNano = EndNs, StartTimeUnixNano = StartNs, Attributes = { Text("node", "a"), Text("zone", "b") } },
                new NumberDataPoint { Flags = 1 },
            },
        },
    };

    private static Metric Sum() => new()
    {
        Name = "transfers",
        Description = "Transfers posted.",
        Unit = "{transfer}",
        Sum = new Sum
        {
            IsMonotonic = true,
            AggregationTemporality = AggregationTemporality.Cumulative,
            DataPoints = { new NumberDataPoint { AsDouble = 1.23 } },
        },
    };

    private static Metric Histogram() => new()
    {
        Name = "latency",
        Unit = "ms",
        Histogram = new Histogram
        {
            AggregationTemporality = AggregationTemporality.Delta,
            DataPoints =
            {
                new HistogramDataPoint
                {
                    Count = 3, Sum = 30.5, Min = 1, Max = 25, ExplicitBounds = { 10, 20 }, BucketCounts = { 1, 1, 1 },
                    Exemplars =
                    {
                        new Exemplar { TraceId = TraceId, SpanId = SpanId, TimeUnixNano = EndNs, AsDouble = 25, FilteredAttributes = { Text("node", "n17") } },
                    },
                },
                new HistogramDataPoint { Attributes = { Text("node", "idle") } },
            },
        },
    };

    private static Metric ExponentialHistogram() => new()
    {
        Name = "amount",
        ExponentialHistogram = new ExponentialHistogram
        {
            DataPoints =
            {
                new ExponentialHistogramDataPoint
                {
                    Count = 6, Sum = 12, Min = -2, Max = 4, Scale = 0, ZeroCount = 1, ZeroThreshold = 0.5,
                    Negative = new ExponentialHistogramDataPoint.Types.Buckets { Offset = -1, BucketCounts = { 1, 300 } },
                    Positive = new ExponentialHistogramDataPoint.Types.Buckets { Offset = 0, BucketCounts = { 2 } },
                },
            },
        },
    };

    private static Metric Summary() => new()
    {
        Name = "settlement",
        Summary = new Summary
        {
            DataPoints =
            {
                new SummaryDataPoint
                {
                    Count = 4, Sum = 99.573,
                    QuantileValues = { new SummaryDataPoint.Types.ValueAtQuantile { Quantile = 0.99, Value = 15 } },
                },
            },
        },
    };

    private static KeyValue Text(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };
}
