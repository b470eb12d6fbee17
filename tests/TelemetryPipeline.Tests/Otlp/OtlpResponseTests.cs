using System.Buffers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Tests.Otlp;

public sealed class OtlpResponseTests
{
    [Fact]
    public void Write_FullSuccess_IsEmpty()
    {
        var output = new ArrayBufferWriter<byte>();
        OtlpResponse.Write(ExportOutcome.FullSuccess, output);
        Assert.Equal(0, output.WrittenCount);
        Assert.Equal("{}", Json(writer => OtlpResponse.WriteJson(Signal.Logs, ExportOutcome.FullSuccess, writer)));
        Assert.True(OtlpResponse.TryRead([], out var read));
        Assert.True(read.IsFullSuccess);
    }

    [Fact]
    public void Write_PartialSuccess_IsReadByTheOracle()
    {
        var output = new ArrayBufferWriter<byte>();
        OtlpResponse.Write(new ExportOutcome(3, "too old"), output);
        var expected = new ExportTracePartialSuccess { RejectedSpans = 3, ErrorMessage = "too old" };
        Assert.Equal(expected, ExportTraceServiceResponse.Parser.ParseFrom(output.WrittenSpan).PartialSuccess);
        Assert.True(OtlpResponse.TryRead(output.WrittenSpan, out var read));
        Assert.Equal(new ExportOutcome(3, "too old"), read);
    }

    [Fact]
    public void WriteJson_PartialSuccess_IsReadByTheOracle()
    {
        var outcome = new ExportOutcome(long.MaxValue, "a \"b\"");
        Assert.Equal(outcome.RejectedItems, JsonParser.Default.Parse<ExportTraceServiceResponse>(Of(Signal.Traces)).PartialSuccess.RejectedSpans);
        Assert.Equal(outcome.RejectedItems, JsonParser.Default.Parse<ExportMetricsServiceResponse>(Of(Signal.Metrics)).PartialSuccess.RejectedDataPoints);
        Assert.Equal(outcome.RejectedItems, JsonParser.Default.Parse<ExportLogsServiceResponse>(Of(Signal.Logs)).PartialSuccess.RejectedLogRecords);
        Assert.True(OtlpResponse.TryReadJson(Signal.Logs, Encoding.UTF8.GetBytes(Of(Signal.Logs)), out var read));
        Assert.Equal(outcome, read);

        string Of(Signal signal) => Json(writer => OtlpResponse.WriteJson(signal, outcome, writer));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("""{"partialSuccess":{"rejectedSpans":{}}}""")]
    public void TryReadJson_Damaged_IsRefused(string json) =>
        Assert.False(OtlpResponse.TryReadJson(Signal.Traces, Encoding.UTF8.GetBytes(json), out _));

    [Fact]
    public void Status_WithDetails_IsReadByTheOracleAndBack()
    {
        var status = new RpcStatus(14, "busy")
        {
            RetryAfter = TimeSpan.FromMilliseconds(1500),
            Violations = [new FieldViolation("resource_spans", "cut off")],
        };
        var output = new ArrayBufferWriter<byte>();
        RpcStatusCodec.Write(status, output);
        var oracle = Status.Parser.ParseFrom(output.WrittenSpan);
        Assert.Equal((14, "busy", 2), (oracle.Code, oracle.Message, oracle.Details.Count));
        Assert.Equal(TimeSpan.FromMilliseconds(1500), oracle.Details[0].Unpack<RetryInfo>().RetryDelay.ToTimeSpan());
        Assert.Equal("cut off", oracle.Details[1].Unpack<BadRequest>().FieldViolations[0].Description);
        Assert.True(RpcStatusCodec.TryRead(output.WrittenSpan, out var read));
        Assert.Equal((status.Code, status.Message, status.RetryAfter), (read.Code, read.Message, read.RetryAfter));
        Assert.Equal(status.Violations, read.Violations);
    }

    [Fact]
    public void StatusJson_WithDetails_IsReadByTheOracleAndBack()
    {
        var status = new RpcStatus(8, "slow down") { RetryAfter = TimeSpan.FromSeconds(2.25), Violations = [new("a", "b")] };
        var json = Json(writer => RpcStatusCodec.WriteJson(status, writer));
        var types = TypeRegistry.FromMessages(RetryInfo.Descriptor, BadRequest.Descriptor);
        var oracle = new JsonParser(JsonParser.Settings.Default.WithTypeRegistry(types)).Parse<Status>(json);
        Assert.Equal(TimeSpan.FromSeconds(2.25), oracle.Details[0].Unpack<RetryInfo>().RetryDelay.ToTimeSpan());
        Assert.True(RpcStatusCodec.TryReadJson(Encoding.UTF8.GetBytes(json), out var read));
        Assert.Equal((8, "slow down", status.RetryAfter), (read.Code, read.Message, read.RetryAfter));
    }

    [Fact]
    public void TryReadJson_HalfOfASurrogatePair_IsReplacedInItsOwnText()
    {
        Assert.True(RpcStatusCodec.TryReadJson(
            """{"co\ud83d":1,"code":3,"m\u0065ssage":"bad \ud83d","details":[{"\udc00":1,"retryDelay":"\ud83d"},{"retryDelay":"2s"}]}"""u8, out var status));
        Assert.Equal((3, "bad \ufffd", TimeSpan.FromSeconds(2)), (status.Code, status.Message, status.RetryAfter));
        Assert.True(OtlpResponse.TryReadJson(
            Signal.Traces, """{"partialSuccess":{"\ud83d":1,"rejectedSpans":"2","errorMessage":"bad \ud83d"}}"""u8, out var outcome));
        Assert.Equal(new ExportOutcome(2, "bad \ufffd"), outcome);
    }

    [Theory]
    [InlineData("1e28s")]
    [InlineData("-1e28s")]
    [InlineData("79228162514264337593543950335s")]
    public void TryReadJson_DelayBeyondAnyClock_IsBounded(string delay)
    {
        Assert.True(RpcStatusCodec.TryReadJson(Encoding.UTF8.GetBytes($$"""{"details":[{"retryDelay":"{{delay}}"}]}"""), out var status));
        Assert.InRange(status.RetryAfter!.Value, TimeSpan.Zero, TimeSpan.MaxValue);
    }

    [Theory]
    [InlineData("0A05")]
    [InlineData("1A020A05")]
    public void TryRead_Damaged_IsRefused(string hex) =>
        Assert.False(RpcStatusCodec.TryRead(Convert.FromHexString(hex), out _));

    private static string Json(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
