using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using OpenTelemetry.Proto.Common.V1;
using TelemetryPipeline.Exporters.Elasticsearch.Documents;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Elasticsearch.Documents;

/// <summary>Names with dots, as an index reads them: a.b is b inside a.</summary>
public sealed class FieldNamesTests
{
    [Theory]
    [InlineData("a|a.b", "a.value|a.b")]
    [InlineData("a.b|a", "a.b|a.value")]
    [InlineData("a|a.b|a.value", "a._value|a.b|a.value")]
    [InlineData("a|a.value.x", "a._value|a.value.x")]
    [InlineData("a|a.b|a.b.c", "a.value|a.b.value|a.b.c")]
    [InlineData("a|ab|a.", "a.value|ab|a._")]
    [InlineData("|b", "_|b")]
    [InlineData(".a|b..c|d.|..", "_.a|b._.c|d._|_._._")]
    [InlineData("a|a.b|a", "a.value|a.b")]
    [InlineData("x|x", "x")]
    public void Encode_NamesInEachOthersWay_ArePutApart(string given, string expected)
    {
        var attributes = AttributesOf(given.Split('|').Select((key, i) => (key, ElasticsearchData.Number(i))).ToArray());
        Assert.Equal(expected.Split('|'), attributes.Select(static a => a.Key));
    }

    [Fact]
    public void Encode_KeyTwice_KeepsTheFirstValue() =>
        Assert.Equal(1, (int)AttributesOf(("x", ElasticsearchData.Number(1)), ("x", ElasticsearchData.Number(2)))["x"]!);

    [Fact]
    public void Encode_ListInsideAndKeyOutside_AreOneNameSpace()
    {
        var attributes = AttributesOf(
            ("risk", ElasticsearchData.List(("score", ElasticsearchData.Number(1)))), ("risk.score", ElasticsearchData.Number(2)),
            ("risk.score.model", ElasticsearchData.Text("m")));
        Assert.Equal(["risk.score.value", "risk.score.model"], attributes.Select(static a => a.Key));
        Assert.Equal(1, (int)attributes["risk.score.value"]!);
    }

    [Fact]
    public void Encode_ListOfSteps_IsAnArrayForEachKeyWithGapsAsNull()
    {
        var attributes = AttributesOf((
            "chain",
            ElasticsearchData.Array(
                ElasticsearchData.List(("service.name", ElasticsearchData.Text("gateway")), ("ms", ElasticsearchData.Number(3))),
                ElasticsearchData.List(("service.name", ElasticsearchData.Text("ledger")), ("code", ElasticsearchData.Text("ERR"))))));
        Assert.Equal(
            """{"chain.service.name":["gateway","ledger"],"chain.ms":[3,null],"chain.code":[null,"ERR"]}""",
            attributes.ToJsonString());
    }

    [Fact]
    public void Encode_KeysThatBecomeOneTextAsUtf8_NameOneField()
    {
        // Two keys of one byte each, neither of them UTF-8: key, length, key, length 3, tag of an integer.
        byte[] attributes = [0x0A, 0x01, 0x80, 0x12, 0x02, 0x18, 0x01];
        byte[] others = [0x0A, 0x01, 0x81, 0x12, 0x02, 0x18, 0x02];
        var body = Message(5, Message(6, [.. Message(1, attributes), .. Message(1, others)]));
        var log = Message(2, Message(2, [.. Message(6, attributes), .. Message(6, others), .. body]));

        var source = Source(Signal.Logs, Message(1, log));

        Assert.Equal(1, source.GetProperty("attributes").GetProperty("\uFFFD").GetInt32());
        Assert.Equal(1, source.GetProperty("body").GetProperty("structured").GetProperty("\uFFFD").GetInt32());
    }

    [Fact]
    public void Encode_EmptyKeyBesideUnderscoreInBody_NamesOneField()
    {
        var log = ElasticsearchData.Log();
        log.Body = ElasticsearchData.List(("", ElasticsearchData.Number(1)), ("_", ElasticsearchData.Number(2)));

        Assert.Equal(
            """{"_":1}""", EncodedDocuments.Of(ElasticsearchData.Logs(log)).Sources[0]["body"]!["structured"]!.ToJsonString());
    }

    [Fact]
    public void Encode_FieldOfMessageTwice_WritesTheLast()
    {
        // Names and versions of the scope, and ids of the link, of which protobuf has the last one count.
        var scope = Message(1, [.. Message(1, "old"u8), .. Message(2, "1"u8), .. Message(1, "new"u8), .. Message(2, "2"u8)]);
        var link = Message(13, [.. Message(1, Id(16, 1)), .. Message(2, Id(8, 1)), .. Message(1, Id(16, 2)), .. Message(2, Id(8, 2))]);

        var source = Source(Signal.Traces, Message(1, Message(2, [.. scope, .. Message(2, link)])));

        Assert.Equal("""{"name":"new","version":"2"}""", source.GetProperty("scope").GetRawText());
        Assert.Equal(
            """[{"trace_id":"02020202020202020202020202020202","span_id":"0202020202020202"}]""", source.GetProperty("links").GetRawText());
    }

    [Fact]
    public void Encode_DeepList_EndsAsText()
    {
        var value = ElasticsearchData.Number(1);
        for (var i = 0; i < 30; i++)
        {
            value = ElasticsearchData.List(("n", value));
        }

        var (name, content) = Assert.Single(AttributesOf(("x", value)));
        Assert.True(name.Count(static c => c == '.') < 20, name);
        Assert.StartsWith("{\"n\":", (string)content!, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_RandomNames_NeverCollide()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed.ToString(CultureInfo.InvariantCulture)}");
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            // Below and above the number up to which pairs are compared; both ways must agree on what is kept.
            var count = random.Next(1, 80);
            var given = Enumerable.Range(0, count).Select(_ => RandomName(random)).ToArray();
            var attributes = AttributesOf([.. given.Select((key, i) => (key, ElasticsearchData.Number(i)))]);
            var names = attributes.Select(static a => a.Key).ToHashSet(StringComparer.Ordinal);
            Assert.DoesNotContain(names, name => names.Any(other => other.StartsWith(name + ".", StringComparison.Ordinal)));
            Assert.DoesNotContain(names, static name => name.Split('.').Contains(""));
            var kept = attributes.Select(static a => (int)a.Value!).Order().ToArray();
            var distinct = given.Select((key, i) => (Mended(key), i)).DistinctBy(static p => p.Item1).Select(static p => p.i).ToArray();
            Assert.Equal(distinct, kept);
        }
    }

    private static string RandomName(Random random) => string.Join(
        '.', Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(8) == 0 ? "" : random.Next(4) == 0 ? "value" : $"{(char)('a' + random.Next(3))}"));

    private static string Mended(string key) => string.Join('.', key.Split('.').Select(static part => part.Length == 0 ? "_" : part));

    private static byte[] Id(int length, byte value)
    {
        var id = new byte[length];
        id.AsSpan().Fill(value);
        return id;
    }

    private static byte[] Message(int field, ReadOnlySpan<byte> content) => [(byte)((field << 3) | 2), checked((byte)content.Length), .. content];

    // A parser of requests would merge and repair what these have.
    private static JsonElement Source(Signal signal, byte[] request)
    {
        using var batch = new OtlpBatch(OtlpChunk.FromArray(signal, request, 1));
        using var encoder = new BulkEncoder(new EncoderOptions());
        using var body = new BulkBuffer(1 << 16);
        var cursor = default(BulkCursor);
        encoder.Begin();
        Assert.False(encoder.Encode(batch, ref cursor, body, int.MaxValue));
        using var source = JsonDocument.Parse(
            Encoding.UTF8.GetString(body.Bytes.WrittenSpan).Split('\n')[1], new JsonDocumentOptions { AllowDuplicateProperties = false });
        return source.RootElement.Clone();
    }

    private static JsonObject AttributesOf(params (string Key, AnyValue Value)[] attributes)
    {
        var span = new SpanBuilder("debit");
        foreach (var (key, value) in attributes)
        {
            span.With(key, value);
        }

        var documents = EncodedDocuments.Of(ElasticsearchData.Traces(span.Build()), new EncoderOptions());
        return documents.Sources[0]["attributes"]!.AsObject();
    }
}
