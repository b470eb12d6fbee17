using System.Text;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Trace.V1;
using StackExchange.Redis;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Receiver.RedisStreams;

namespace TelemetryPipeline.Tests.Receiver.RedisStreams;

public sealed class EntryDecoderTests
{
    [Theory]
    [InlineData("otlp_json")]
    [InlineData("otlp_proto")]
    public void TryDecode_OneInvalidItem_KeepsItsNeighbours(string encoding)
    {
        var request = new ExportTraceServiceRequest
        {
            ResourceSpans = { new ResourceSpans { ScopeSpans = { new ScopeSpans { Spans = { new Span { Name = "a" }, new Span { SpanId = ByteString.CopyFrom(1) }, new Span { Name = "b" } } } } } },
        };
        var data = encoding == "otlp_proto"
            ? request.ToByteArray()
            : """{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"},{"spanId":"01"},{"name":"b"}]}]}]}"""u8.ToArray();

        Assert.True(EntryDecoder.TryDecode(Entry(encoding, data), out var decoded, out _));

        Assert.Equal((Signal.Traces, 2, 1, "invalid_id"), (decoded.Signal, decoded.Chunk!.ItemCount, decoded.Refused!.Count, decoded.Refused.Reason));
        request.ResourceSpans[0].ScopeSpans[0].Spans.RemoveAt(1);
        Assert.Equal(request, ExportTraceServiceRequest.Parser.ParseFrom(decoded.Chunk.Bytes));
    }

    [Fact]
    public void TryDecode_HalfOfASurrogatePairAsName_IsARequestWithoutItems()
    {
        Assert.True(EntryDecoder.TryDecode(Entry("otlp_json", """{"zz\ud83d":1}"""u8.ToArray()), out var decoded, out _));
        Assert.Equal((null, null), (decoded.Chunk, decoded.Refused));
    }

    [Theory]
    [InlineData("otlp_json", "{\"resourceSpans\":")]
    [InlineData("otlp_json", "\ud83d")]
    [InlineData("otlp_proto", "\n\u0005")]
    public void TryDecode_Malformed_IsAProblem(string encoding, string data)
    {
        Assert.False(EntryDecoder.TryDecode(Entry(encoding, Encoding.UTF8.GetBytes(data)), out _, out var problem));
        Assert.Equal("malformed", problem.Reason);
    }

    private static StreamEntry Entry(string encoding, byte[] data) => new(
        "1-1", [new("v", "1"), new("encoding", encoding), new("signal", "traces"), new("items", "1"), new("data", data)]);
}
