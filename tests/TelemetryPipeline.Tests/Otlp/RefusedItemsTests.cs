using System.Buffers;
using System.Collections;
using System.Linq;
using System.Text;
using System.Text.Json;
using CsCheck;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Otlp;

public sealed class RefusedItemsTests
{
    public static TheoryData<Signal, string, string> UnrepresentableItems
    {
        get
        {
            var data = new TheoryData<Signal, string, string>();
            foreach (var signal in SignalNames.All)
            {
                foreach (var (value, reason) in ((string, string)[])[
                    ("""{"intValue":"9223372036854775808"}""", "number_out_of_range"),
                    ("""{"intValue":1e40}""", "number_out_of_range"),
                    ("""{"intValue":true}""", "number_out_of_range"),
                    ("""{"doubleValue":"many"}""", "number_out_of_range"),
                    ("""{"arrayValue":{"values":[{"intValue":1},null]}}""", "wrong_type"),
                    ("""{"arrayValue":{"values":{}}}""", "wrong_type"),
                    ("""{"stringValue":{"a":[1,{}]}}""", "wrong_type"),
                    ("""{"boolValue":"true"}""", "wrong_type"),
                    ("""{"bytesValue":"?"}""", "invalid_base64"),
                    ("[]", "wrong_type")])
                {
                    data.Add(signal, $$"""{"attributes":[{"key":"k","value":{{value}}}]}""", reason);
                }

                data.Add(signal, "null", "wrong_type");
                data.Add(signal, "17", "wrong_type");
                data.Add(signal, """{"attributes":{}}""", "wrong_type");
            }

            foreach (var signal in (Signal[])[Signal.Traces, Signal.Logs])
            {
                data.Add(signal, """{"traceId":"01"}""", "invalid_id");
                data.Add(signal, """{"spanId":"zz02030405060708"}""", "invalid_id");
            }

            data.Add(Signal.Metrics, """{"exemplars":[{"traceId":"01"}]}""", "invalid_id");
            data.Add(Signal.Metrics, """{"asInt":"9223372036854775808"}""", "number_out_of_range");
            data.Add(Signal.Metrics, """{"timeUnixNano":-1}""", "number_out_of_range");
            data.Add(Signal.Traces, """{"kind":"SPAN_KIND_BANK"}""", "invalid_enum");
            data.Add(Signal.Traces, """{"kind":2147483648}""", "invalid_enum");
            data.Add(Signal.Traces, """{"status":{"code":"STATUS_CODE_\ud83d"}}""", "invalid_enum");
            data.Add(Signal.Logs, """{"severityNumber":"SEVERITY_NUMBER_LOUD"}""", "invalid_enum");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(UnrepresentableItems))]
    public void TryReadJson_OneUnrepresentableItem_KeepsItsNeighbours(Signal signal, string item, string reason)
    {
        var good = """{"attributes":[{"key":"k","value":{"intValue":"7"}}]}""";
        var output = new ArrayBufferWriter<byte>();
        Assert.True(OtlpRequest.TryReadJson(
            signal, Encoding.UTF8.GetBytes(Json(signal, $"{good},{item},{good}")), output, out var items, out var refused, out _));
        Assert.Equal((2, 1, reason), (items, refused!.Count, refused.Reason));
        Assert.Equal(1, refused.CountOf(refused.Problem));
        Assert.StartsWith("1 item cannot be represented: ", refused.ToString(), StringComparison.Ordinal);
        var expected = new ArrayBufferWriter<byte>();
        Assert.True(OtlpRequest.TryReadJson(
            signal, Encoding.UTF8.GetBytes(Json(signal, $"{good},{good}")), expected, out _, out refused, out _));
        Assert.Null(refused);
        Assert.Equal(expected.WrittenSpan, output.WrittenSpan);
    }

    [Fact]
    public void TryReadJson_FaultOfAResource_RefusesTheItemsBelowItAlone()
    {
        var scope = """[{"spans":[{"name":"debit"},{"name":"credit","traceId":"1"}]}]""";
        var json = $$$"""
            {"resourceSpans":[
              {"resource":{"attributes":[{"key":"k","value":{"intValue":"1e99"}}]},"scopeSpans":{{{scope}}}},
              {"scopeSpans":{{{scope}}},"resource":[]},
              {"scopeSpans":{{{scope}}}}]}
            """;
        var output = new ArrayBufferWriter<byte>();
        Assert.True(OtlpRequest.TryReadJson(Signal.Traces, Encoding.UTF8.GetBytes(json), output, out var items, out var refused, out _));
        Assert.Equal((1, 5), (items, refused!.Count));
        Assert.Equal(
            (1, 1, 3),
            (refused.CountOf(ItemProblem.NumberOutOfRange), refused.CountOf(ItemProblem.WrongType), refused.CountOf(ItemProblem.InvalidId)));
        Assert.Equal(
            "debit", ExportTraceServiceRequest.Parser.ParseFrom(output.WrittenSpan).ResourceSpans.Single().ScopeSpans[0].Spans.Single().Name);
    }

    [Theory]
    [InlineData("""{"resourceSpans":[{"resource":5}]}""", "resource is not an object at byte 30")]
    [InlineData("""{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"1"}]}]}""", "not JSON: ")]
    [InlineData("""{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"1"}]}]}],"resourceSpans":7}""", "resourceSpans is not an array at byte 80")]
    public void TryReadJson_NothingToAnswerForOrMalformed_IsAnError(string json, string expected)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.False(OtlpRequest.TryReadJson(
            Signal.Traces, Encoding.UTF8.GetBytes(json), output, out var items, out var refused, out var error));
        Assert.StartsWith(expected, error.ToString(), StringComparison.Ordinal);
        Assert.Equal((0, 0), (items, output.WrittenCount));
        Assert.Null(refused);
    }

    [Fact]
    public void TryReadJson_HalfOfASurrogatePair_IsReplacedInItsOwnTextAlone()
    {
        var json = """
            {"zz\ud83d":1,"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"good one"}},
            {"body":{"stringValue":"cut \ud83d"},"severity\u0054ext":"\ude00","severityNumber":"\u0053EVERITY_NUMBER_WARN"}]}]}],"resource\udc00":[]}
            """;
        var output = new ArrayBufferWriter<byte>();
        Assert.True(OtlpRequest.TryReadJson(Signal.Logs, Encoding.UTF8.GetBytes(json), output, out var items, out var refused, out var error), error.ToString());
        Assert.Equal(2, items);
        Assert.Null(refused);
        var records = ExportLogsServiceRequest.Parser.ParseFrom(output.WrittenSpan).ResourceLogs[0].ScopeLogs[0].LogRecords;
        Assert.Equal(["good one", "cut \ufffd"], records.Select(static record => record.Body.StringValue));
        Assert.Equal(("\ufffd", 13), (records[1].SeverityText, (int)records[1].SeverityNumber));
    }

    [Fact]
    public void TryReadJson_NamesOfNothingButEscapes_AreFound()
    {
        var json = "{\"" + string.Concat("resourceSpans".Select(static c => $"\\u00{(int)c:x2}")) + "\":[{\"scopeSpans\":[{\"spans\":[{}]}]}]}";
        Assert.True(OtlpRequest.TryReadJson(
            Signal.Traces, Encoding.UTF8.GetBytes(json), new ArrayBufferWriter<byte>(), out var items, out _, out _));
        Assert.Equal(1, items);
    }

    [Fact]
    public void TryReadJson_RandomDocuments_GiveValidRequestsOrErrors() => Gen.Select(Gen.Int[0, 2], Gen.Int).Sample(
        static (signal, seed) =>
        {
            var json = Encoding.UTF8.GetBytes(new RandomRequests(seed).Next((Signal)signal));
            var output = new ArrayBufferWriter<byte>();
            var isRead = OtlpRequest.TryReadJson((Signal)signal, json, output, out var items, out var refused, out var error);
            Assert.Equal(isRead, error.Problem is null);
            if (isRead)
            {
                // What is read is JSON, its items are in what was written, and nothing else is.
                Assert.True(IsJson(json));
                var request = OtlpPayloads.Empty((Signal)signal);
                request.MergeFrom(output.WrittenSpan.ToArray());
                Assert.Equal(Oracle.CountItems(request), items);
                Assert.True(OtlpRequest.TryValidate((Signal)signal, output.WrittenSpan, out var counted, out RefusedItems? none, out error), error.ToString());
                Assert.Equal((items, null), (counted, none));
                Assert.True(items > 0 || refused is null || refused.Count > 0);
            }
        },
        iter: 2000);

    [Fact]
    public void RemoveRefused_ItemsWithDamagedIds_LeavesWhatTheOracleLeaves() => Gen.Select(OtlpGenerators.AnyRequest, Gen.Int).Sample(
        static (generated, seed) =>
        {
            var random = new Random(seed);
            var (request, expected) = (Clone(generated.Request), Clone(generated.Request));
            var damaged = 0;
            foreach (var ((list, index), (keptList, _)) in Lists(request).Zip(Lists(expected)).Reverse().ToList())
            {
                if (random.Next(3) == 0 && TryDamage((IMessage)list[index]!, random))
                {
                    damaged++;
                    keptList.RemoveAt(index);
                }
            }

            foreach (var (framing, framed) in Framings.Of(request.ToByteArray()))
            {
                var bytes = framed.ToArray();
                var isValid = OtlpRequest.TryValidate(generated.Signal, bytes, out var items, out var refused, out var error);
                Assert.True(isValid, $"{framing}: {error}");
                Assert.Equal((Oracle.CountItems(expected), damaged), (items, refused?.Count ?? 0));
                if (refused is not null)
                {
                    Assert.Equal("invalid_id", refused.Reason);
                    bytes = bytes[..OtlpRequest.RemoveRefused(bytes, refused)];
                    var rest = OtlpPayloads.Empty(generated.Signal);
                    rest.MergeFrom(bytes);
                    Assert.Equal(expected, rest);
                    Assert.True(OtlpRequest.TryValidate(generated.Signal, bytes, out var counted, out error), error.ToString());
                    Assert.Equal(items, counted);
                }
            }
        },
        iter: 300);

    [Fact]
    public void RemoveRefused_FaultsAtEveryLevel_RemovesTheLeast()
    {
        // Resource 1 is too deep, resource 2 has a metric with a wrong wire type and a point with a damaged exemplar.
        var deep = new AnyValue { IntValue = 1 };
        for (var i = 0; i < 60; i++)
        {
            deep = new AnyValue { ArrayValue = new ArrayValue { Values = { deep } } };
        }

        var request = new ExportMetricsServiceRequest();
        foreach (var name in (ReadOnlySpan<string>)["a", "b"])
        {
            var metrics = "xyz".Select(static metric => new Metric
            {
                Name = metric.ToString(),
                Gauge = new() { DataPoints = { new NumberDataPoint { AsInt = 1 }, new NumberDataPoint { AsInt = 2 } } },
            });
            var scope = new ScopeMetrics { SchemaUrl = name };
            scope.Metrics.AddRange(metrics);
            request.ResourceMetrics.Add(new ResourceMetrics { ScopeMetrics = { scope } });
        }

        request.ResourceMetrics[0].Resource = new() { Attributes = { new KeyValue { Key = "k", Value = deep } } };
        var damaged = request.ResourceMetrics[1].ScopeMetrics[0].Metrics;
        damaged[0].MergeFrom(new byte[] { 0x08, 0x05 });
        damaged[1].Gauge.DataPoints[0].Exemplars.Add(new Exemplar { TraceId = ByteString.CopyFrom(1, 2) });
        var bytes = request.ToByteArray();

        Assert.True(OtlpRequest.TryValidate(Signal.Metrics, bytes, out var items, out var refused, out var error), error.ToString());

        Assert.Equal((3, 9), (items, refused!.Count));
        Assert.Equal(
            (6, 2, 1), (refused.CountOf(ItemProblem.TooDeep), refused.CountOf(ItemProblem.WrongType), refused.CountOf(ItemProblem.InvalidId)));
        var rest = ExportMetricsServiceRequest.Parser.ParseFrom(bytes.AsSpan(0, OtlpRequest.RemoveRefused(bytes, refused)));
        var kept = Assert.Single(rest.ResourceMetrics).ScopeMetrics.Single();
        Assert.Equal(("b", "y:2 z:1 z:2"), (kept.SchemaUrl, string.Join(' ', kept.Metrics.SelectMany(
            static metric => metric.Gauge.DataPoints.Select(point => $"{metric.Name}:{point.AsInt}")))));
    }

    private static string Json(Signal signal, string items) => signal switch
    {
        Signal.Traces => $$"""{"resourceSpans":[{"scopeSpans":[{"spans":[{{items}}]}]}]}""",
        Signal.Metrics => $$$"""{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","sum":{"dataPoints":[{{{items}}}]}}]}]}]}""",
        _ => $$"""{"resourceLogs":[{"scopeLogs":[{"logRecords":[{{items}}]}]}]}""",
    };

    private static bool IsJson(byte[] json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1000 });
        while (reader.Read())
        {
        }

        return reader.BytesConsumed == json.Length;
    }

    private static IMessage Clone(IMessage request) => request.Descriptor.Parser.ParseFrom(request.ToByteArray());

    /// <summary>Where each item of a request is.</summary>
    private static IEnumerable<(IList List, int Index)> Lists(IMessage request)
    {
        IEnumerable<IList> lists = request switch
        {
            ExportTraceServiceRequest traces => traces.ResourceSpans.SelectMany(static r => r.ScopeSpans).Select(static s => s.Spans),
            ExportLogsServiceRequest logs => logs.ResourceLogs.SelectMany(static r => r.ScopeLogs).Select(static s => s.LogRecords),
            _ => ((ExportMetricsServiceRequest)request).ResourceMetrics.SelectMany(static r => r.ScopeMetrics)
                .SelectMany(static s => s.Metrics).Select(static m => (IList)Oracle.Points(m)),
        };
        return lists.SelectMany(static list => Enumerable.Range(0, list.Count).Select(index => (list, index)));
    }

    private static bool TryDamage(IMessage item, Random random)
    {
        var id = ByteString.CopyFrom(new byte[random.Next(1, 8)]);
        switch (item)
        {
            case Span span when random.Next(2) == 0:
                span.Links.Add(new Span.Types.Link { SpanId = id });
                break;
            case Span span:
                span.ParentSpanId = id;
                break;
            case LogRecord record:
                record.TraceId = id;
                break;
            case NumberDataPoint point:
                point.Exemplars.Add(new Exemplar { TraceId = id });
                break;
            case HistogramDataPoint point:
                point.Exemplars.Add(new Exemplar { SpanId = id });
                break;
            case ExponentialHistogramDataPoint point:
                point.Exemplars.Add(new Exemplar { SpanId = id });
                break;
            default:
                return false;
        }

        return true;
    }
}
