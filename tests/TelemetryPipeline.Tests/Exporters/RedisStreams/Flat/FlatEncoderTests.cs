using System.Linq;
using System.Text;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Exporters.RedisStreams;
using TelemetryPipeline.Exporters.RedisStreams.Flat;
using TelemetryPipeline.Tests.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.RedisStreams.Flat;

public sealed class FlatEncoderTests
{
    [Fact]
    public void Encode_Span_HasPlainFields()
    {
        var span = new SpanBuilder("core.v1.Ledger/Deduct").Trace(0x0102030405060708, 0x1112131415161718).Id(0xA1).Parent(0xA0)
            .At(1_716_249_600_000_000_000, 12_500_000).With("biz.order_no", "TRD20240521000000001").With("amount", 1250L)
            .With("status", "reject").With("kind", "own").With("reversal", value: true).With("rate", 0.25).Failed("balance too low").Build();
        span.Attributes.Add(new KeyValue { Key = "tags", Value = List("\u5f20", "b\"c") });
        span.Events.Add(new Span.Types.Event { Name = "note" });
        span.Events.Add(new Span.Types.Event
        {
            Name = "exception",
            Attributes = { Pair("exception.type", "Ledger.Refused"), Pair("exception.message", "no funds"), Pair("exception.stacktrace", "x") },
        });
        span.Links.Add(new Span.Types.Link());

        var fields = Encode(Request(span));

        Assert.Equal(
            [
                "v=1", $"id={fields["id"]}", "type=span", "service=balance-ledger", "resource.tenant.id=bank-a",
                "trace_id=01020304050607081112131415161718", "span_id=00000000000000a1", "parent_span_id=00000000000000a0",
                "name=core.v1.Ledger/Deduct", "kind=SERVER", "start_ns=1716249600000000000", "end_ns=1716249600012500000",
                "duration_ns=12500000", "status_code=ERROR", "status_message=balance too low", "biz.order_no=TRD20240521000000001",
                "amount=1250", "status=reject", "attributes.kind=own", "reversal=true", "rate=0.25", "tags=[\"\u5f20\",\"b\\\"c\"]",
                "events=2", "links=1", "exception.type=Ledger.Refused", "exception.message=no funds",
            ],
            fields.Select(f => $"{f.Key}={f.Value}"));
        Assert.Matches("^[0-9a-f]{32}$", fields["id"]);
    }

    [Theory]
    [InlineData(0, 1_716_249_600_000_000_000)]
    [InlineData(1_716_249_600_000_000_000, 0)]
    [InlineData(1_716_249_600_000_000_000, 1_716_249_599_000_000_000)]
    public void Encode_SpanWithoutADuration_LeavesTheFieldOut(ulong startNs, ulong endNs)
    {
        var fields = Encode(Request(new SpanBuilder("a").Between(startNs, endNs).Build()));

        Assert.DoesNotContain("duration_ns", fields.Keys);
        Assert.Equal("UNSET", fields["status_code"]);
    }

    [Fact]
    public void Encode_ChosenAttributes_LeavesOutTheOthers()
    {
        var fields = Encode(Request(new SpanBuilder("a").With("code", "OK").With("secret", "x").Build()), ["code"], ["*"]);

        Assert.Equal("OK", fields["code"]);
        Assert.DoesNotContain("secret", fields.Keys);
        Assert.Equal("7", fields["resource.host.cpus"]);
    }

    [Fact]
    public void Identify_SameContent_IsTheSameAndAnyDifferenceIsNot()
    {
        var span = new SpanBuilder("a").Id(1).Build();
        var other = new SpanBuilder("a").Id(2).Build();

        Assert.Equal(Encode(Request(span))["id"], Encode(Request(span))["id"]);
        Assert.NotEqual(Encode(Request(span))["id"], Encode(Request(other))["id"]);
        Assert.NotEqual(Encode(Request(span))["id"], Encode(Request(span, "another-service"))["id"]);
        Assert.NotEqual(Encode(Frame("a"))["id"], Encode(Frame("b"))["id"]);
    }

    [Fact]
    public void Encode_Attribution_ShowsChainCauseAndCode()
    {
        var record = new LogRecord
        {
            EventName = "anomaly.attribution",
            TimeUnixNano = 5,
            ObservedTimeUnixNano = 6,
            SeverityNumber = SeverityNumber.Error,
            SeverityText = "ERROR",
            Body = new AnyValue { StringValue = "The balance did not suffice." },
            TraceId = ByteString.CopyFrom([.. Enumerable.Range(1, 16).Select(i => (byte)i)]),
            SpanId = ByteString.CopyFrom(1, 2, 3, 4, 5, 6, 7, 8),
        };
        record.Attributes.Add(Pair("anomaly.rule_id", "insufficient-balance"));
        record.Attributes.Add(Pair("anomaly.root_cause", "customer balance too low"));
        record.Attributes.Add(Pair("anomaly.origin.code", "ERR_INSUFFICIENT_BALANCE"));
        record.Attributes.Add(new KeyValue
        {
            Key = "anomaly.chain",
            Value = new AnyValue
            {
                ArrayValue = new ArrayValue
                {
                    Values =
                    {
                        Step("client-terminal", "client", "OK", ""),
                        Step("", "gateway", "ERROR", ""),
                        Step("balance-ledger", "core", "ERROR", "ERR_INSUFFICIENT_BALANCE"),
                    },
                },
            },
        });

        var fields = Encode(new ExportLogsServiceRequest
        {
            ResourceLogs = { new ResourceLogs { ScopeLogs = { new ScopeLogs { LogRecords = { record } } } } },
        });

        Assert.Equal("attribution", fields["type"]);
        Assert.Equal("client-terminal OK > gateway ERROR > balance-ledger ERROR ERR_INSUFFICIENT_BALANCE", fields["chain"]);
        Assert.Equal("customer balance too low", fields["root_cause"]);
        Assert.Equal("ERR_INSUFFICIENT_BALANCE", fields["code"]);
        Assert.Equal("insufficient-balance", fields["anomaly.rule_id"]);
        Assert.Equal(("5", "6", "17", "ERROR"), (fields["time_ns"], fields["observed_time_ns"], fields["severity_number"], fields["severity"]));
        Assert.Equal("0102030405060708090a0b0c0d0e0f10", fields["trace_id"]);
        Assert.Contains("\"status\":\"ERROR\"", fields["anomaly.chain"], StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_HeatMapFrame_ShowsTheCellsThatAreNotEmpty()
    {
        var fields = Encode(Frame("transfer.latency"));

        Assert.Equal(("point", "transfer.latency", "ms", "histogram", "delta"), (fields["type"], fields["metric"], fields["unit"], fields["metric_type"], fields["temporality"]));
        Assert.Equal("10:3 30:1 +Inf:2", fields["buckets"]);
        Assert.Equal(("6", "1300.5", "4", "900"), (fields["count"], fields["sum"], fields["min"], fields["max"]));
        Assert.Equal("balance-ledger", fields["node_type"]);
        Assert.Equal("00000000000000000000000000000009/0000000000000008=612.5", fields["exemplars"]);
    }

    [Fact]
    public void Encode_OtherMetrics_ShowTheirValues()
    {
        Assert.Equal("-7", Encode(Point(new Metric { Name = "g", Gauge = new Gauge { DataPoints = { new NumberDataPoint { AsInt = -7 } } } }))["value"]);
        Assert.Equal("0.5", Encode(Point(new Metric { Name = "s", Sum = new Sum { DataPoints = { new NumberDataPoint { AsDouble = 0.5 } } } }))["value"]);
        var exponential = Encode(Point(new Metric
        {
            Name = "e",
            ExponentialHistogram = new ExponentialHistogram
            {
                DataPoints =
                {
                    new ExponentialHistogramDataPoint
                    {
                        Count = 6, Scale = -1, ZeroCount = 1,
                        Positive = new ExponentialHistogramDataPoint.Types.Buckets { Offset = -2, BucketCounts = { 2, 0, 3 } },
                    },
                },
            },
        }));
        Assert.Equal(("-1", "1", "-2:2 0:3"), (exponential["scale"], exponential["zero_count"], exponential["positive"]));
        var summary = Encode(Point(new Metric
        {
            Name = "q",
            Summary = new Summary
            {
                DataPoints = { new SummaryDataPoint { Count = 2, Sum = 3, QuantileValues = { new SummaryDataPoint.Types.ValueAtQuantile { Quantile = 0.99, Value = 12 } } } },
            },
        }));
        Assert.Equal("0.99:12", summary["quantiles"]);
    }

    [Fact]
    public void Encode_ManySpans_AllocatesNothing()
    {
        using var encoder = new FlatEncoder([], RedisStreamsExporterConfig.DefaultResourceAttributes);
        using var entry = new EntryBuffer();
        var config = ExporterHarness.Config<RedisStreamsExporterConfig>(new RedisStreamsExporterFactory(), "{endpoint: r, encoding: flat, max_len: 1000}");
        var arguments = new EntryArguments(config, TimeProvider.System);
        var route = new Route(new StreamKeys("s", 1), 0);
        using var batch = OtlpPayloads.Batch(new TransferTraces().Request(20, failing: true));
        var view = batch.View(0);

        var allocated = Allocations.Least(() =>
        {
            for (var item = 0; item < view.ItemNodes.Length; item++)
            {
                entry.Clear();
                encoder.Encode(view, item, encoder.Identify(view, item), entry);
                Assert.True(arguments.Of(route, entry).Length > 20);
            }
        });

        Assert.Equal(0, allocated);
    }

    private static Dictionary<string, string> Encode(IMessage request, string[]? attributes = null, string[]? resource = null)
    {
        using var batch = OtlpPayloads.Batch(request);
        using var encoder = new FlatEncoder(attributes ?? [], resource ?? ["tenant.id"]);
        using var entry = new EntryBuffer();
        var view = batch.View(0);
        encoder.Encode(view, 0, encoder.Identify(view, 0), entry);
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < entry.FieldCount; i++)
        {
            fields.Add(Encoding.UTF8.GetString(entry.Name(i).Span), Encoding.UTF8.GetString(entry.Value(i).Span));
        }

        return fields;
    }

    private static ExportTraceServiceRequest Request(Span span, string service = "balance-ledger") => new()
    {
        ResourceSpans =
        {
            new ResourceSpans
            {
                Resource = new Resource
                {
                    Attributes =
                    {
                        Pair("service.name", service), Pair("tenant.id", "bank-a"),
                        new KeyValue { Key = "host.cpus", Value = new AnyValue { IntValue = 7 } },
                    },
                },
                ScopeSpans = { new ScopeSpans { Spans = { span } } },
            },
        },
    };

    private static ExportMetricsServiceRequest Frame(string name)
    {
        var point = new HistogramDataPoint
        {
            TimeUnixNano = 2_000_000_000,
            StartTimeUnixNano = 1_000_000_000,
            Count = 6,
            Sum = 1300.5,
            Min = 4,
            Max = 900,
            ExplicitBounds = { 10, 20, 30 },
            BucketCounts = { 3, 0, 1, 2 },
            Attributes = { Pair("node_type", "balance-ledger") },
            Exemplars =
            {
                new Exemplar { AsDouble = 1 },
                new Exemplar { AsDouble = 612.5, TraceId = ByteString.CopyFrom([.. new byte[15], 9]), SpanId = ByteString.CopyFrom([.. new byte[7], 8]) },
            },
        };
        return Point(new Metric
        {
            Name = name,
            Unit = "ms",
            Histogram = new Histogram { AggregationTemporality = AggregationTemporality.Delta, DataPoints = { point } },
        });
    }

    private static ExportMetricsServiceRequest Point(Metric metric) => new()
    {
        ResourceMetrics = { new ResourceMetrics { ScopeMetrics = { new ScopeMetrics { Metrics = { metric } } } } },
    };

    private static AnyValue Step(string service, string nodeType, string status, string code)
    {
        var step = new KeyValueList { Values = { Pair("service.name", service), Pair("node_type", nodeType), Pair("status", status), Pair("code", code) } };
        return new AnyValue { KvlistValue = step };
    }

    private static AnyValue List(params string[] texts)
    {
        var list = new ArrayValue();
        list.Values.AddRange(texts.Select(t => new AnyValue { StringValue = t }));
        return new AnyValue { ArrayValue = list };
    }

    private static KeyValue Pair(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };
}
