using System.Globalization;
using System.Linq;
using System.Text.Json.Nodes;
using TelemetryPipeline.Exporters.Elasticsearch;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.TestSupport.Processes;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.Tests.Exporters.Elasticsearch;

/// <summary>What is done about every answer that Elasticsearch documents, against a scripted server.</summary>
public sealed class ElasticsearchSenderTests : IAsyncLifetime
{
    private readonly ExporterHarness _harness = new();
    private ScriptedCluster _cluster = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await ScriptedCluster.StartAsync();

    public async ValueTask DisposeAsync() => await _cluster.DisposeAsync();

    [Theory]
    [InlineData("gzip")]
    [InlineData("none")]
    public async Task Send_Spans_AreStoredOnceHoweverOftenTheyAreSent(string compression)
    {
        using var sender = Sender($"compression: {compression}");
        using var batch = Transfers(2);
        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        Assert.Equal(34, _cluster.Documents.Count);
        Assert.Equal(34, Processed("success"));
        Assert.Equal(34, Processed("duplicate"));
        var request = _cluster.Requests.Last();
        Assert.Equal("application/x-ndjson", request.Headers["content-type"]);
        Assert.Equal(compression == "gzip" ? "gzip" : "", request.Headers.GetValueOrDefault("content-encoding", ""));
    }

    [Fact]
    public async Task Send_SomeDocumentsBusy_SendsThoseAloneAgain()
    {
        using var sender = Sender();
        using var batch = Transfers(1);
        _cluster.Refuse = static (_, document) => Order(document) % 3 == 0 ? (429, "es_rejected_execution_exception") : null;
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal((ConsumeOutcome.Retry, "too_many_requests"), (result.Outcome, result.Reason));
        var left = 17 - _cluster.Documents.Count;
        _cluster.Refuse = static (_, _) => null;
        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        Assert.Equal(17, _cluster.Documents.Count);
        Assert.InRange(left, 1, 16);
        Assert.Equal([17, left], _cluster.Bulks.Select(static b => b.Lines.Count));
        Assert.Equal(0, Processed("duplicate"));
    }

    [Fact]
    public async Task Send_BusyForTooLong_IsGivenUpWithTheNumberThatIsLost()
    {
        using var sender = Sender("retry: {max_retries: 2}");
        using var batch = Transfers(1);
        _cluster.Refuse = static (_, document) => Order(document) < 5 ? (503, "unavailable_shards_exception") : null;
        Assert.Equal(ConsumeOutcome.Retry, (await sender.SendAsync(batch, Cancel)).Outcome);
        Assert.Equal(ConsumeOutcome.Retry, (await sender.SendAsync(batch, Cancel)).Outcome);
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal((ConsumeOutcome.Rejected, "max_retries", 5), (result.Outcome, result.Reason, result.RejectedCount));
    }

    [Fact]
    public async Task Send_MappingError_KeepsTheDocumentAsADeadLetterWithTheReason()
    {
        using var sender = Sender("dead_letter_index: dead");
        using var batch = Transfers(1);
        _cluster.Refuse = static (action, document) =>
            (string)action["_index"]! != "dead" && Order(document) == 4 ? (400, "document_parsing_exception") : null;
        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        var dead = JsonNode.Parse(Assert.Single(_cluster.Documents, static d => d.Key.StartsWith("dead/", StringComparison.Ordinal)).Value)!;
        Assert.Equal(400, (int)dead["dead_letter"]!["status"]!);
        Assert.Equal("document_parsing_exception", (string)dead["dead_letter"]!["type"]!);
        Assert.Equal("scripted document_parsing_exception", (string)dead["dead_letter"]!["reason"]!);
        Assert.Equal(4, Order(JsonNode.Parse((string)dead["document"]!)!.AsObject()));
        Assert.Equal("traces-generic.otel-default", (string)JsonNode.Parse((string)dead["dead_letter"]!["action"]!)!["create"]!["_index"]!);
        Assert.Equal(17, _cluster.Documents.Count);
        Assert.Equal(1, _harness.Count("otelcol_elasticsearch_docs_dead_lettered"));
    }

    [Fact]
    public async Task Send_MappingErrorWithoutADeadLetterIndex_IsCountedAndLogged()
    {
        using var sender = Sender("telemetry: {log_failed_docs_input: true}");
        using var batch = Transfers(1);
        _cluster.Refuse = static (_, document) => Order(document) < 2 ? (400, "mapper_parsing_exception") : null;
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal((ConsumeOutcome.Rejected, "document_refused", 2), (result.Outcome, result.Reason, result.RejectedCount));
        Assert.Contains("mapper_parsing_exception", result.Message, StringComparison.Ordinal);
        Assert.Single(_harness.Logs, static l => l.Contains("Input of a rejected document: {\"create\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Send_DeadLettersRefusedToo_AreLostAndCounted()
    {
        using var sender = Sender("dead_letter_index: dead");
        using var batch = Transfers(1);
        _cluster.Refuse = static (action, document) => (string)action["_index"]! == "dead" || Order(document) == 1 ? (400, "no") : null;
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal((ConsumeOutcome.Rejected, "dead_letter_refused", 1), (result.Outcome, result.Reason, result.RejectedCount));
    }

    [Fact]
    public async Task Send_DeadLettersBusy_AreTriedAgain()
    {
        using var sender = Sender("dead_letter_index: dead");
        using var batch = Transfers(1);
        var busy = true;
        _cluster.Refuse = (action, document) => (string)action["_index"]! == "dead"
            ? (busy ? (429, "es_rejected_execution_exception") : null)
            : Order(document) == 1 ? (400, "no") : null;
        Assert.Equal(ConsumeOutcome.Retry, (await sender.SendAsync(batch, Cancel)).Outcome);
        busy = false;
        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        Assert.Single(_cluster.Documents, static d => d.Key.StartsWith("dead/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Send_RequestTooLarge_IsCutUntilItFits()
    {
        using var sender = Sender();
        using var batch = Transfers(4);
        _cluster.Whole = static bulk => bulk.Length > 8000 ? (413, "Request Entity Too Large", null) : null;
        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        Assert.Equal(68, _cluster.Documents.Count);
        Assert.Equal(0, Processed("duplicate"));
    }

    [Fact]
    public async Task Send_OneDocumentTooLarge_LeavesTheOthersWell()
    {
        using var sender = Sender("dead_letter_index: dead");
        using var batch = OtlpPayloads.Batch(ElasticsearchData.Traces(
            new SpanBuilder("small").Id(1).Build(), new SpanBuilder("large").Id(2).With("x", new string('x', 200_000)).Build(),
            new SpanBuilder("small").Id(3).Build()));
        _cluster.Whole = static bulk => bulk.Length > 100_000 ? (413, "", null) : null;
        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        Assert.Equal(2, _cluster.Documents.Count(static d => d.Key.StartsWith("traces-", StringComparison.Ordinal)));
        var dead = Assert.Single(_cluster.Documents, static d => d.Key.StartsWith("dead/", StringComparison.Ordinal)).Value;
        Assert.InRange(dead.Length, 64 * 1024, 100_000);
    }

    [Fact]
    public async Task Send_ManyBytes_GoInRequestsOfTheConfiguredSize()
    {
        using var sender = Sender("flush: {bytes: 10000}, compression: none");
        using var batch = Transfers(10);
        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        Assert.Equal(170, _cluster.Documents.Count);
        Assert.All(_cluster.Bulks, static bulk => Assert.InRange(bulk.Length, 1, 12_000));
    }

    [Theory]
    [InlineData(429, "7", ConsumeOutcome.Retry, "too_many_requests", 7)]
    [InlineData(502, null, ConsumeOutcome.Retry, "bad_gateway", 0)]
    [InlineData(503, null, ConsumeOutcome.Retry, "unavailable", 0)]
    [InlineData(504, null, ConsumeOutcome.Retry, "gateway_timeout", 0)]
    [InlineData(500, null, ConsumeOutcome.Retry, "internal", 0)]
    [InlineData(400, null, ConsumeOutcome.Rejected, "bad_request", 0)]
    [InlineData(401, null, ConsumeOutcome.Rejected, "unauthenticated", 0)]
    [InlineData(403, null, ConsumeOutcome.Rejected, "permission_denied", 0)]
    [InlineData(404, null, ConsumeOutcome.Rejected, "not_found", 0)]
    [InlineData(307, null, ConsumeOutcome.Rejected, "redirect", 0)]
    public async Task Send_WholeRequestRefused_IsTheOutcomeOfItsStatus(
        int status, string? after, ConsumeOutcome outcome, string reason, int seconds)
    {
        using var sender = Sender();
        using var batch = Transfers(1);
        _cluster.Whole = _ => (status, """{"error":{"type":"scripted","reason":"not now"},"status":1}""", after);
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal((outcome, reason, TimeSpan.FromSeconds(seconds)), (result.Outcome, result.Reason, result.RetryAfter));
        Assert.Contains("not now", result.Message, StringComparison.Ordinal);
        Assert.Equal(outcome == ConsumeOutcome.Rejected ? 17 : 0, result.RejectedCount);
    }

    [Theory]
    [InlineData("<html>captive portal</html>")]
    [InlineData("""{"items":[{"create":{"status":201}}]}""")]
    public async Task Send_AnswerThatIsNone_IsTriedAgain(string body)
    {
        using var sender = Sender();
        using var batch = Transfers(1);
        _cluster.Whole = _ => (200, body, null);
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal((ConsumeOutcome.Retry, "invalid_response"), (result.Outcome, result.Reason));
    }

    [Fact]
    public async Task Send_SecretQuotedByTheServer_IsMasked()
    {
        using var sender = Sender("api_key: c2VjcmV0a2V5");
        using var batch = Transfers(1);
        _cluster.Whole = static _ => (401, """{"error":{"type":"security_exception","reason":"bad key c2VjcmV0a2V5"}}""", null);
        var result = await sender.SendAsync(batch, Cancel);
        Assert.DoesNotContain("c2VjcmV0a2V5", result.Message, StringComparison.Ordinal);
        Assert.Equal("ApiKey c2VjcmV0a2V5", _cluster.Requests.Last().Headers["authorization"]);
    }

    [Fact]
    public async Task Send_OneNodeGone_GoesToTheOtherAndLeavesTheFirstAlone()
    {
        var gone = FreePorts.Take(1)[0];
        using var sender = Sender(endpoints: $"endpoints: ['http://127.0.0.1:{gone}', 'http://127.0.0.1:{_cluster.Port}']");
        for (var i = 0; i < 4; i++)
        {
            using var batch = Transfers(1);
            Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        }

        Assert.Equal(4, _cluster.Bulks.Count);
    }

    [Fact]
    public async Task Send_NobodyThere_WaitsAndFindsTheServerLater()
    {
        var port = FreePorts.Take(1)[0];
        using var sender = Sender(endpoints: $"endpoint: 'http://127.0.0.1:{port}'");
        using var batch = Transfers(1);
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal((ConsumeOutcome.Retry, "connection_refused"), (result.Outcome, result.Reason));
        await using var late = await ScriptedCluster.StartAsync(port);
        await Until.TrueAsync(async () =>
        {
            result = await sender.SendAsync(batch, Cancel);
            Assert.NotEqual(ConsumeOutcome.Rejected, result.Outcome);
            return result.IsAccepted;
        });

        Assert.Equal(17, late.Documents.Count);
    }

    private static long Order(JsonObject document) => (string?)document["span_id"] is { } id
        ? (long.Parse(id, NumberStyles.HexNumber, CultureInfo.InvariantCulture) % 256) - 1
        : -1;

    private static OtlpBatch Transfers(int count) => OtlpPayloads.Batch(new TransferTraces().Request(count));

    private long Processed(string outcome)
    {
        long sum = 0;
        foreach (var family in _harness.Metrics.Families.Where(static f => f.Name == "otelcol_elasticsearch_docs_processed"))
        {
            sum += family.Series.Where(s => s.Key.Contains($"\"{outcome}\"", StringComparison.Ordinal))
                .Sum(static s => ((TelemetryPipeline.Pipeline.Diagnostics.Counter)s.Value).Value);
        }

        return sum;
    }

    private ElasticsearchSender Sender(string settings = "", string? endpoints = null)
    {
        var yaml = $"{{{endpoints ?? $"endpoint: 'http://127.0.0.1:{_cluster.Port}'"}, {settings}}}";
        return new ElasticsearchSender(
            _harness.Context("elasticsearch"), ExporterHarness.Config<ElasticsearchConfig>(new ElasticsearchFactory(), yaml));
    }
}
