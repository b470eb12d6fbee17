using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Otlp;

public sealed class OtlpJsonTests
{
    [Fact]
    public void WriteJson_GeneratedRequests_IsReadByTheOracle() => OtlpGenerators.AnyRequest.Sample(
        static generated =>
        {
            var json = Write(generated.Signal, generated.Request.ToByteArray());
            Assert.Equal(generated.Request, OracleJson.Parse(generated.Signal, json));
        },
        iter: 300);

    [Fact]
    public void TryReadJson_WrittenByTheOracle_GivesTheSameRequest() => OtlpGenerators.AnyRequest.Sample(
        static generated =>
        {
            var snake = new JsonFormatter(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));
            foreach (var formatter in (JsonFormatter[])[JsonFormatter.Default, snake])
            {
                var json = OracleJson.Format(generated.Request, formatter);
                Assert.Equal(generated.Request, Read(generated.Signal, json, out var items));
                Assert.Equal(Oracle.CountItems(generated.Request), items);
            }
        },
        iter: 300);

    [Fact]
    public void TryReadJson_OwnOutput_GivesTheSameRequest() => OtlpGenerators.AnyRequest.Sample(
        static generated => Assert.Equal(
            generated.Request, Read(generated.Signal, Write(generated.Signal, generated.Request.ToByteArray()), out _)),
        iter: 300);

    [Fact]
    public void WriteJson_FieldsOutOfOrder_MergesAsTheOracle()
    {
        var first = OtlpGenerators.Request(Signal.Metrics, 5).ToByteArray();
        var second = OtlpGenerators.Request(Signal.Metrics, 6).ToByteArray();

        // An envelope whose fields interleave and whose resource comes twice.
        byte[] merged = [.. Inner(first), .. Inner(second)];
        var request = Envelope(merged);
        var oracle = OtlpPayloads.Empty(Signal.Metrics);
        oracle.MergeFrom(request);
        Assert.Equal(oracle, Read(Signal.Metrics, Write(Signal.Metrics, request), out _));
    }

    [Theory]
    [InlineData("""{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0102030405060708090A0b0c0d0e0f10","kind":"SPAN_KIND_SERVER","startTimeUnixNano":18446744073709551615,"endTimeUnixNano":"1","unknown":{"a":[1,{}]},"status":null}]}]}]}""")]
    [InlineData("""{"resource_spans":[{"scope_spans":[{"spans":[{"end_time_unix_nano":1e0,"start_time_unix_nano":"18446744073709551615","kind":2,"trace\u0049d":"0102030405060708090a0b0c0d0e0f10","spanId":""}]}]}]}""")]
    public void TryReadJson_LenientForms_AreUnderstood(string json)
    {
        var span = ((ExportTraceServiceRequest)Read(Signal.Traces, json, out var items)).ResourceSpans[0].ScopeSpans[0].Spans[0];
        Assert.Equal(1, items);
        Assert.Equal("0102030405060708090A0B0C0D0E0F10", Convert.ToHexString(span.TraceId.Span));
        Assert.Equal((ulong.MaxValue, 1UL, 2), (span.StartTimeUnixNano, span.EndTimeUnixNano, (int)span.Kind));
    }

    [Theory]
    [InlineData("", "not JSON: ")]
    [InlineData("[]", "a request is a JSON object at byte 0")]
    [InlineData("{} {}", "not JSON: ")]
    [InlineData("""{"resourceSpans":{}}""", "resourceSpans is not an array at byte 17")]
    [InlineData("""{"resourceSpans":[null]}""", "resourceSpans is not an object at byte 18")]
    [InlineData("""{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"01"}]}]}]}""", "traceId is not 32 hexadecimal digits at byte 54")]
    [InlineData("""{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":-1}]}]}]}""", "startTimeUnixNano is not an integer within its range at byte 64")]
    [InlineData("""{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"1.5"}]}]}]}""", "startTimeUnixNano is not an integer within its range at byte 64")]
    [InlineData("""{"resourceSpans":[{"scopeSpans":[{"spans":[{"flags":4294967296}]}]}]}""", "flags is not an integer within its range at byte 52")]
    [InlineData("""{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"SPAN_KIND_SERVE"}]}]}]}""", "kind is not a value of the enumeration at byte 51")]
    public void TryReadJson_DamagedRequest_SaysWhatAndWhere(string json, string expected)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.False(OtlpRequest.TryReadJson(Signal.Traces, Encoding.UTF8.GetBytes(json), output, out _, out var error));
        Assert.StartsWith(expected, error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void TryReadJson_NestedBeyondTheLimit_IsRefused()
    {
        var value = string.Concat(Repeat(100, """{"arrayValue":{"values":[""")) + string.Concat(Repeat(100, "]}}"));
        var json = """{"resourceSpans":[{"resource":{"attributes":[{"key":"a","value":""" + value + "}]}}]}";
        Assert.False(OtlpRequest.TryReadJson(
            Signal.Traces, Encoding.UTF8.GetBytes(json), new ArrayBufferWriter<byte>(), out _, out _));
    }

    [Fact]
    public void TryReadJson_MutatedRequests_GivesValidRequestsOrErrors() => Gen.Select(
        OtlpGenerators.AnyRequest, Gen.Int).Sample(
        static (generated, seed) =>
        {
            var random = new Random(seed);
            var json = Encoding.UTF8.GetBytes(Write(generated.Signal, generated.Request.ToByteArray()));
            for (var i = 0; i < 20; i++)
            {
                json[random.Next(json.Length)] = (byte)random.Next(256);
                var output = new ArrayBufferWriter<byte>();
                if (OtlpRequest.TryReadJson(generated.Signal, json, output, out var items, out _))
                {
                    Assert.True(OtlpRequest.TryValidate(generated.Signal, output.WrittenSpan, out var counted, out var error), error.ToString());
                    Assert.Equal(counted, items);
                }
            }
        },
        iter: 200);

    [Theory]
    [InlineData("-0")]
    [InlineData("-0.0")]
    [InlineData("\"-0\"")]
    [InlineData("-0e5")]
    public void TryReadJson_NegativeZero_KeepsItsSignBothWays(string zero)
    {
        var json = $$$"""{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"summary":{"dataPoints":[{"sum":{{{zero}}},"attributes":[{"key":"fee","value":{"doubleValue":{{{zero}}}}}]}]}}]}]}]}""";
        for (var round = 0; round < 2; round++)
        {
            // The oracle is only asked to read: it leaves a negative zero out when it writes.
            var output = new ArrayBufferWriter<byte>();
            Assert.True(OtlpRequest.TryReadJson(Signal.Metrics, Encoding.UTF8.GetBytes(json), output, out _, out _));
            json = Write(Signal.Metrics, output.WrittenSpan.ToArray());
            var point = ExportMetricsServiceRequest.Parser.ParseFrom(output.WrittenSpan).ResourceMetrics[0].ScopeMetrics[0].Metrics[0].Summary.DataPoints[0];
            Assert.True(double.IsNegative(point.Sum));
            Assert.True(double.IsNegative(point.Attributes[0].Value.DoubleValue));
        }
    }

    [Fact]
    public void WriteJson_TextThatIsNoUtf8_ReplacesIt()
    {
        var request = new TransferTraces().FromOneService(1).ToByteArray();
        request[request.AsSpan().IndexOf("production"u8)] = 0xFF;
        Assert.Contains("\\uFFFDroduction", Write(Signal.Traces, request), StringComparison.Ordinal);
    }

    private static IEnumerable<string> Repeat(int count, string text)
    {
        for (var i = 0; i < count; i++)
        {
            yield return text;
        }
    }

    private static string Write(Signal signal, byte[] request)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            OtlpRequest.WriteJson(signal, request, writer);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static IMessage Read(Signal signal, string json, out int items)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.True(
            OtlpRequest.TryReadJson(signal, Encoding.UTF8.GetBytes(json), output, out items, out var error), $"{error}: {json}");
        var request = OtlpPayloads.Empty(signal);
        request.MergeFrom(output.WrittenSpan.ToArray());
        return request;
    }

    /// <summary>The content of all envelopes of a request, one after the other.</summary>
    private static byte[] Inner(byte[] request)
    {
        var inner = new List<byte>();
        var input = new CodedInputStream(request);
        while (input.ReadTag() != 0)
        {
            inner.AddRange(input.ReadBytes());
        }

        return [.. inner];
    }

    private static byte[] Envelope(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteRawTag(0x0A);
            output.WriteBytes(ByteString.CopyFrom(content));
        }

        return stream.ToArray();
    }
}
