using System.Globalization;
using System.Linq;
using System.Text;
using TelemetryPipeline.Exporters.Elasticsearch.Bulk;

namespace TelemetryPipeline.Tests.Exporters.Elasticsearch.Bulk;

public sealed class BulkResponseReaderTests
{
    // As Elasticsearch 8.15 documents a bulk response, with and without filter_path.
    private const string Full = """
        {"took":30,"errors":true,"items":[
        {"create":{"_index":".ds-x","_id":"1","_version":1,"result":"created","_shards":{"total":2,"successful":1,"failed":0},"status":201,"_seq_no":0}},
        {"create":{"_index":".ds-x","_id":"2","status":400,"error":{"type":"document_parsing_exception","reason":"[1:9] failed to parse",
          "caused_by":{"type":"illegal_argument_exception","reason":"inner"},"root_cause":[{"type":"other","reason":"deep"}]}}},
        {"create":{"_index":".ds-x","_id":"3","error":{"reason":"conflict","type":"version_conflict_engine_exception"},"status":409}}]}
        """;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task Read_AnswerInPiecesOfAnySize_GivesEveryDocumentsOutcome(int piece)
    {
        var answers = await ReadAsync(Full, 3, piece);
        Assert.Equal(
            [
                new DocumentAnswer(201, "", ""),
                new DocumentAnswer(400, "document_parsing_exception", "[1:9] failed to parse"),
                new DocumentAnswer(409, "version_conflict_engine_exception", "conflict"),
            ],
            answers!);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task Read_HalfOfASurrogatePair_IsReplacedInItsOwnText(int piece)
    {
        var answers = await ReadAsync(
            """
            {"took\ud83d":1,"items":[{"create":{"st\u0061tus":400,"x\udc00":"\ud800","error":{"\ud83d":1,"type":"a\ud83d","reason":"field [note] is \ude00\ud83d\ude00"}}},
            {"create":{"status":400,"error":"\ud83d"}},{"create":{"status":201}}]}
            """,
            3,
            piece);
        Assert.Equal(
            [
                new DocumentAnswer(400, "a\ufffd", "field [note] is \ufffd\ud83d\ude00"),
                new DocumentAnswer(400, "", "\ufffd"),
                new DocumentAnswer(201, "", ""),
            ],
            answers!);
    }

    [Fact]
    public async Task Read_ManyDocuments_KeepsTheirOrder()
    {
        var items = string.Join(',', Enumerable.Range(0, 20_000).Select(
            i => $$$"""{"create":{"status":{{{(200 + (i % 7)).ToString(CultureInfo.InvariantCulture)}}}}}"""));
        var answers = await ReadAsync($$"""{"items":[{{items}}]}""", 20_000, 4096);
        Assert.Equal(Enumerable.Range(0, 20_000).Select(static i => 200 + (i % 7)), answers!.Select(static a => a.Status));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("<html>bad gateway</html>", 1)]
    [InlineData("{}", 1)]
    [InlineData("""{"items":[{"create":{"status":201}}]}""", 2)]
    [InlineData("""{"items":[{"create":{"status":201}},{"create":{"status":201}}]}""", 1)]
    [InlineData("""{"items":[{"create":{"status":201}},""", 1)]
    public async Task Read_SomethingElse_IsNoAnswer(string body, int documents) => Assert.Null(await ReadAsync(body, documents, 5));

    [Fact]
    public async Task Read_EndlessText_IsGivenUp() =>
        Assert.Null(await ReadAsync("{\"items\":[{\"create\":{\"error\":{\"reason\":\"" + new string('x', 3_000_000) + "\"}}}]}", 1, 4096));

    [Fact]
    public async Task Read_LongReason_IsCut()
    {
        var answers = await ReadAsync("{\"items\":[{\"create\":{\"status\":400,\"error\":{\"reason\":\"" + new string('x', 50_000) + "\"}}}]}", 1, 4096);
        Assert.InRange(answers![0].Reason.Length, 1, 2000);
    }

    private static async Task<List<DocumentAnswer>?> ReadAsync(string body, int documents, int piece)
    {
        using var response = new HttpResponseMessage { Content = new StreamContent(new Pieces(Encoding.UTF8.GetBytes(body), piece)) };
        var answers = new List<DocumentAnswer>();
        return await BulkResponseReader.ReadAsync(response, documents, answers, TestContext.Current.CancellationToken) ? answers : null;
    }

    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, piece)], cancellationToken);
    }
}
