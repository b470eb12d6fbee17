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

    [Theory]
    [InlineData("0")]
    [InlineData("many")]
    [InlineData(null)]
    public void TryDecode_NoItemsAndNoneAnnounced_IsARequestWithoutItems(string? items)
    {
        Assert.True(EntryDecoder.TryDecode(Entry("otlp_json", """{"zz\ud83d":1}"""u8.ToArray(), items), out var decoded, out _));
        Assert.Equal((null, null), (decoded.Chunk, decoded.Refused));
    }

    [Theory]
    [InlineData("otlp_json", "{\"zz\\ud83d\":1}")]
    [InlineData("otlp_json", "{}")]
    [InlineData("otlp_proto", "")]
    public void TryDecode_ItemsAnnouncedAndNone_IsMalformed(string encoding, string data)
    {
        Assert.False(EntryDecoder.TryDecode(Entry(encoding, Encoding.UTF8.GetBytes(data), "3"), out _, out var problem));
        Assert.Equal(("malformed", "the field items says 3, the field data holds none"), problem);
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

    private static StreamEntry Entry(string encoding, byte[] data, string? items = "1")
    {
        NameValueEntry[] fields = [new("v", "1"), new("encoding", encoding), new("signal", "traces"), new("data", data)];
        return new StreamEntry("1-1", items is null ? fields : [.. fields, new("items", items)]);
    }
}
