using System.Linq;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Google.Rpc;
using OpenTelemetry.Proto.Collector.Trace.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.Tests.Otlp;

namespace TelemetryPipeline.Tests.Receiver.Http;

public class HttpEndpointTests
{
    private const string Protobuf = "application/x-protobuf";
    private const string Json = "application/json";
    private const string OneSpanJson = """
        {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5B8EFFF798038103D269B633813FC60C",
        "spanId":"eee19b7ec3c1b174","name":"transfer","kind":2,"startTimeUnixNano":"1544712660000000000",
        "endTimeUnixNano":1544712661000000000,"unknownField":{"a":[1]}}]}]}]}
        """;

    private static readonly ExportTraceServiceRequest Spans = new TransferTraces().Request(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_Protobuf_HandsOnTheBytesAndAnswersEmpty(bool http2)
    {
        await using var running = await RunningReceiver.StartAsync();
        using var response = await PostAsync(running.Http(http2), Spans.ToByteArray());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Protobuf, response.Content.Headers.ContentType!.MediaType);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal(Spans.ToByteArray(), running.Sink.Batches.Single().Bytes);
        Assert.Equal(34, running.Count("otelcol_receiver_accepted_spans", "receiver=\"otlp\",transport=\"http\""));
    }

    [Theory]
    [InlineData("/v1/traces", Signal.Traces)]
    [InlineData("/v1/metrics", Signal.Metrics)]
    [InlineData("/v1/logs", Signal.Logs)]
    public async Task Post_EmptyRequest_Succeeds(string path, Signal signal)
    {
        await using var running = await RunningReceiver.StartAsync();
        using var response = await PostAsync(running.Http(), [], path: path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(running.Sink.Batches);
        using var json = await PostAsync(running.Http(), "{}"u8.ToArray(), Json, path);
        Assert.Equal("{}", await json.Content.ReadAsStringAsync(Token));
        Assert.Equal(2, running.Sink.AskedCount);
        Assert.Equal(0, running.Count($"otelcol_receiver_accepted_{signal.ItemName()}", "receiver=\"otlp\",transport=\"http\""));
    }

    [Fact]
    public async Task Post_Json_IsTranslatedAndAnsweredInJson()
    {
        await using var running = await RunningReceiver.StartAsync();
        using var response = await PostAsync(running.Http(), Encoding.UTF8.GetBytes(OneSpanJson), "application/json; charset=utf-8");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Json, response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("{}", await response.Content.ReadAsStringAsync(Token));
        var span = ExportTraceServiceRequest.Parser.ParseFrom(running.Sink.Batches.Single().Bytes).ResourceSpans[0].ScopeSpans[0].Spans[0];
        Assert.Equal("transfer", span.Name);
        Assert.Equal(1544712661000000000UL, span.EndTimeUnixNano);
        Assert.Equal(Convert.FromHexString("5B8EFFF798038103D269B633813FC60C"), span.TraceId.ToByteArray());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("deflate")]
    [InlineData("zlib")]
    [InlineData("snappy")]
    [InlineData("x-snappy-framed")]
    [InlineData("lz4")]
    public async Task Post_Compressed_IsDecompressed(string encoding)
    {
        await using var running = await RunningReceiver.StartAsync();
        using var response = await PostAsync(running.Http(), Compressions.Compress(encoding, Spans.ToByteArray()), encoding: encoding);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Spans.ToByteArray(), running.Sink.Batches.Single().Bytes);
    }

    [Theory]
    [InlineData("x-gzip", "gzip")]
    [InlineData("X-GZIP", "gzip")]
    [InlineData("gzip, identity", "gzip")]
    [InlineData("identity,zstd", "zstd")]
    [InlineData(" gzip ,", "gzip")]
    public async Task Post_CodingWithIdentityOrAlias_IsDecompressed(string header, string encoding)
    {
        await using var running = await RunningReceiver.StartAsync();
        using var response = await PostRawEncodingAsync(running, Compressions.Compress(encoding, Spans.ToByteArray()), header);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Spans.ToByteArray(), running.Sink.Batches.Single().Bytes);
    }

    [Theory]
    [InlineData("gzip, gzip")]
    [InlineData("zstd, gzip")]
    [InlineData("gzip; q=1")]
    public async Task Post_SeveralCodingsOrParameters_Answers415(string header)
    {
        await using var running = await RunningReceiver.StartAsync();
        using var response = await PostRawEncodingAsync(running, Compressions.Compress("gzip", Spans.ToByteArray()), header);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("deflate")]
    [InlineData("snappy")]
    [InlineData("x-snappy-framed")]
    [InlineData("lz4")]
    public async Task Post_DecompressionBomb_Answers413(string encoding)
    {
        await using var running = await RunningReceiver.StartAsync(http: "max_request_body_size: 1048576");
        using var response = await PostAsync(running.Http(), Compressions.Compress(encoding, new byte[16 << 20]), encoding: encoding);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal(8, (await StatusAsync(response)).Code);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("deflate")]
    [InlineData("snappy")]
    [InlineData("lz4")]
    public async Task Post_DamagedCompression_Answers400(string encoding)
    {
        await using var running = await RunningReceiver.StartAsync();
        var random = new Random(7);
        for (var i = 0; i < 10; i++)
        {
            var body = new byte[50];
            random.NextBytes(body);
            using var response = await PostAsync(running.Http(), body, encoding: encoding);
            Assert.True(response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge, $"{response.StatusCode}, seed 7, round {i}");
        }
    }

    [Fact]
    public async Task Post_AtTheLimitAfterDecompression_IsTaken()
    {
        var bytes = Spans.ToByteArray();
        await using var running = await RunningReceiver.StartAsync(http: $"max_request_body_size: {bytes.Length}");
        using var response = await PostAsync(running.Http(), Compressions.Compress("gzip", bytes), encoding: "gzip");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using var smaller = await RunningReceiver.StartAsync(http: $"max_request_body_size: {bytes.Length - 1}");
        using var refused = await PostAsync(smaller.Http(), Compressions.Compress("gzip", bytes), encoding: "gzip");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
    }

    [Fact]
    public async Task Post_MillionEmptySpans_Answers413BeforeAnythingIsBuilt()
    {
        var (_, bytes) = AdversarialRequests.Build("empty spans", 1_000_000);
        await using var running = await RunningReceiver.StartAsync();
        using var response = await PostAsync(running.Http(), Compressions.Compress("gzip", bytes), encoding: "gzip");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.False(response.Headers.Contains("Retry-After"));
        Assert.Equal(8, (await StatusAsync(response)).Code);
        Assert.Empty(running.Sink.Batches);
        Assert.Equal(1, running.Count("otelcol_receiver_refusals", "receiver=\"otlp\",transport=\"http\",signal=\"traces\",reason=\"too_expensive\""));
        Assert.Equal(1_000_000, running.Count("otelcol_receiver_refused_spans", "receiver=\"otlp\",transport=\"http\""));
    }

    [Fact]
    public async Task Post_SnappyBlockThatSaysFourGibibytes_Answers413()
    {
        await using var running = await RunningReceiver.StartAsync();
        byte[] body = [0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x0a, 0xfe, 0x01, 0x00];
        using var response = await PostAsync(running.Http(), body, encoding: "snappy");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Post_TooExpensiveForAProcessor_Answers413()
    {
        await using var running = await RunningReceiver.StartAsync();
        running.Sink.Answer = static (batch, _) => new(ConsumeResult.Rejected(WorkingMemory.TooExpensive, "too much", batch.ItemCount));
        using var response = await PostAsync(running.Http(), Spans.ToByteArray());
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.False(response.Headers.Contains("Retry-After"));
    }

    [Fact]
    public async Task Post_JsonThatUnfoldsBeyondTheLimit_Answers413()
    {
        // A number of two digits in a list of exact doubles: two bytes of JSON, eight of protobuf.
        var json = """{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"histogram":{"dataPoints":[{"explicitBounds":["""
            + string.Join(',', Enumerable.Repeat("1", 4_000)) + "]}]}}]}]}]}";
        await using var running = await RunningReceiver.StartAsync(http: "max_request_body_size: 10000");
        using var request = Request(Encoding.UTF8.GetBytes(json), Json);
        request.RequestUri = new Uri("/v1/metrics", UriKind.Relative);
        using var response = await running.Http().SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Theory]
    [InlineData(Protobuf, false)]
    [InlineData(Protobuf, true)]
    [InlineData(Json, false)]
    public async Task Post_AboveLimit_Answers413WithStatusInTheRequestsEncoding(string contentType, bool chunked)
    {
        await using var running = await RunningReceiver.StartAsync(http: "max_request_body_size: 10000");
        using var request = Request(new byte[20000], contentType);
        request.Headers.TransferEncodingChunked = chunked ? true : null;
        using var response = await running.Http().SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal(contentType, response.Content.Headers.ContentType!.MediaType);
        Assert.False(response.Headers.Contains("Retry-After"));
        Assert.Equal(8, (await StatusAsync(response)).Code);
    }

    [Theory]
    [InlineData(Protobuf)]
    [InlineData(Json)]
    public async Task Post_Malformed_Answers400WithBadRequest(string contentType)
    {
        await using var running = await RunningReceiver.StartAsync();
        using var response = await PostAsync(running.Http(), [0x0a, 0xff], contentType);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(contentType, response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(3, (await StatusAsync(response)).Code);
        Assert.Contains("BadRequest", Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(Token)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("queue_full", HttpStatusCode.ServiceUnavailable, Protobuf)]
    [InlineData("queue_full", HttpStatusCode.ServiceUnavailable, Json)]
    [InlineData("rate_limited", HttpStatusCode.TooManyRequests, Protobuf)]
    public async Task Post_Retry_AnswersRetryAfter(string reason, HttpStatusCode expected, string contentType)
    {
        await using var running = await RunningReceiver.StartAsync();
        running.Sink.AnswerWith(ConsumeResult.Retry(reason, "later", TimeSpan.FromMilliseconds(2500)));
        var body = contentType == Json ? Encoding.UTF8.GetBytes(OneSpanJson) : Spans.ToByteArray();
        using var response = await PostAsync(running.Http(), body, contentType);
        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("3", response.Headers.GetValues("Retry-After").Single());
        Assert.Equal(contentType, response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("later", (await StatusAsync(response)).Message);
    }

    [Fact]
    public async Task Post_NotAdmitted_Answers503BeforeTheBodyIsRead()
    {
        await using var running = await RunningReceiver.StartAsync();
        running.Sink.Admission = ConsumeResult.Retry("memory", "out of memory");
        using var response = await PostAsync(running.Http(), [0xff, 0xff]);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("1", response.Headers.GetValues("Retry-After").Single());
        Assert.Equal(1, running.Count("otelcol_receiver_refusals", "receiver=\"otlp\",transport=\"http\",signal=\"traces\",reason=\"memory\""));
    }

    [Fact]
    public async Task Post_ThrowingPipeline_Answers503SoThatTheDataIsSentAgain()
    {
        await using var running = await RunningReceiver.StartAsync();
        running.Sink.Answer = static (_, _) => throw new InvalidOperationException("secret");
        using var response = await PostAsync(running.Http(), Encoding.UTF8.GetBytes(OneSpanJson), Json);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("1", response.Headers.GetValues("Retry-After").Single());
        Assert.Equal(1, running.Count("otelcol_receiver_failed_spans", "receiver=\"otlp\",transport=\"http\""));
        Assert.Equal(1, running.Count("otelcol_receiver_requests", "receiver=\"otlp\",transport=\"http\",outcome=\"failure\""));
    }

    [Fact]
    public async Task Post_RejectsMoreThanThereIs_CountsWhatThereIs()
    {
        await using var running = await RunningReceiver.StartAsync();
        running.Sink.AnswerWith(ConsumeResult.Rejected("invalid", "too old", 9));
        using var response = await PostAsync(running.Http(), Encoding.UTF8.GetBytes(OneSpanJson), Json);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(0, running.Count("otelcol_receiver_accepted_spans", "receiver=\"otlp\",transport=\"http\""));
        Assert.Equal(1, running.Count("otelcol_receiver_refused_spans", "receiver=\"otlp\",transport=\"http\""));
    }

    [Fact]
    public async Task Post_Rejected_AnswersPartialSuccessInBothEncodings()
    {
        await using var running = await RunningReceiver.StartAsync();
        running.Sink.AnswerWith(ConsumeResult.Rejected("invalid", "too old", 1));
        using var protobuf = await PostAsync(running.Http(), Spans.ToByteArray());
        var partial = ExportTraceServiceResponse.Parser.ParseFrom(await protobuf.Content.ReadAsByteArrayAsync(Token)).PartialSuccess;
        Assert.Equal((1L, "too old"), (partial.RejectedSpans, partial.ErrorMessage));
        using var json = await PostAsync(running.Http(), Encoding.UTF8.GetBytes(OneSpanJson), Json);
        Assert.Equal("""{"partialSuccess":{"rejectedSpans":"1","errorMessage":"too old"}}""", await json.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Request_WrongMethodPathOrType_GetsItsOwnStatus()
    {
        await using var running = await RunningReceiver.StartAsync(signals: [Signal.Traces]);
        var http = running.Http();
        using var get = await http.GetAsync("/v1/traces", Token);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
        Assert.Equal(["POST"], get.Content.Headers.Allow);
        Assert.Equal("text/plain", get.Content.Headers.ContentType!.MediaType);
        using var path = await PostAsync(http, [], path: "/v1/nothing");
        Assert.Equal(HttpStatusCode.NotFound, path.StatusCode);
        using var unserved = await PostAsync(http, [], path: "/v1/logs");
        Assert.Equal(HttpStatusCode.NotFound, unserved.StatusCode);
        using var type = await PostAsync(http, [], "text/xml");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, type.StatusCode);
        Assert.Equal("text/plain", type.Content.Headers.ContentType!.MediaType);
        using var missing = await http.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v1/traces") { Content = new ByteArrayContent([1]) }, Token);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, missing.StatusCode);
        using var encoding = await PostAsync(http, [1], encoding: "br");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, encoding.StatusCode);
        Assert.Equal(Protobuf, encoding.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Post_CompressionSwitchedOff_Answers415()
    {
        await using var running = await RunningReceiver.StartAsync(http: "compression_algorithms: [\"\", zstd]");
        using var response = await PostAsync(running.Http(), Compressions.Compress("gzip", []), encoding: "gzip");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal("zstd", response.Headers.GetValues("Accept-Encoding").Single());
    }

    [Fact]
    public async Task Post_ConfiguredPathHeadersAndMetadata_AreUsed()
    {
        await using var running = await RunningReceiver.StartAsync(
            http: "traces_url_path: /custom, include_metadata: true, response_headers: {X-Served-By: us}, keep_alives_enabled: false");
        using var request = Request(Spans.ToByteArray(), Protobuf, "/custom");
        request.Headers.Add("X-Tenant", "bank-7");
        using var response = await running.Http().SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("us", response.Headers.GetValues("X-Served-By").Single());
        Assert.True(response.Headers.ConnectionClose);
        Assert.Equal(["bank-7"], running.Sink.Batches.Single().Metadata!.Get("x-tenant"));
    }

    [Fact]
    public async Task Post_ClientGoesAwayMidBody_IsCountedAndNothingLeaks()
    {
        await using var running = await RunningReceiver.StartAsync();
        using (var client = await ConnectAsync(running, "POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-protobuf\r\nContent-Length: 100000\r\n\r\nabc"))
        {
            await UntilAsync(() => running.Sink.AskedCount == 1);
        }

        await UntilAsync(() => running.Count("otelcol_receiver_refusals", "receiver=\"otlp\",transport=\"http\",signal=\"traces\",reason=\"incomplete\"") == 1);
        await UntilAsync(() => running.InFlightBytes == 0);
    }

    [Fact]
    public async Task Post_MoreInFlightThanAllowed_RefusesEarly()
    {
        await using var running = await RunningReceiver.StartAsync(
            http: "max_request_body_size: 700000", grpc: "max_recv_msg_size_mib: 1", more: "max_in_flight_mib: 1");
        var request = "POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-protobuf\r\nContent-Length: 600000\r\n\r\n" + new string('x', 599_999);
        using var first = await ConnectAsync(running, request);
        await UntilAsync(() => running.InFlightBytes >= 599_999);
        using var second = await ConnectAsync(running, request);
        Assert.StartsWith("HTTP/1.1 503 ", await ReadLineAsync(second), StringComparison.Ordinal);
        Assert.Equal(1, running.Count("otelcol_receiver_refusals", "receiver=\"otlp\",transport=\"http\",signal=\"traces\",reason=\"in_flight_bytes\""));
    }

    [Fact]
    public async Task Post_ManyAtOnceOnOneConnection_LosesNothing()
    {
        await using var running = await RunningReceiver.StartAsync();
        var http = running.Http(http2: true);
        var body = new TransferTraces().FromOneService(3).ToByteArray();
        var responses = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => PostAsync(http, body)));
        Assert.All(responses, static r => Assert.Equal(HttpStatusCode.OK, r.StatusCode));
        Assert.Equal(600, running.Sink.Batches.Sum(static b => b.Items));
    }

    private static HttpRequestMessage Request(byte[] body, string contentType, string path = "/v1/traces")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return request;
    }

    private static async Task<HttpResponseMessage> PostAsync(
        HttpClient http, byte[] body, string contentType = Protobuf, string path = "/v1/traces", string? encoding = null)
    {
        using var request = Request(body, contentType, path);
        request.Version = http.DefaultRequestVersion;
        request.VersionPolicy = http.DefaultVersionPolicy;
        if (encoding is not null)
        {
            request.Content!.Headers.ContentEncoding.Add(encoding);
        }

        return await http.SendAsync(request, Token);
    }

    private static async Task<HttpResponseMessage> PostRawEncodingAsync(RunningReceiver running, byte[] body, string encoding)
    {
        using var request = Request(body, Protobuf);
        Assert.True(request.Content!.Headers.TryAddWithoutValidation("Content-Encoding", encoding));
        return await running.Http().SendAsync(request, Token);
    }

    private static async Task<(int Code, string Message)> StatusAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync(Token);
        if (response.Content.Headers.ContentType!.MediaType == Json)
        {
            using var json = JsonDocument.Parse(body);
            return (json.RootElement.GetProperty("code").GetInt32(), json.RootElement.GetProperty("message").GetString()!);
        }

        var status = Status.Parser.ParseFrom(body);
        return (status.Code, status.Message);
    }

    private static async Task<TcpClient> ConnectAsync(RunningReceiver running, string send)
    {
        var client = new TcpClient();
        await client.ConnectAsync(running.Receiver.HttpEndPoint!, Token);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(send), Token);
        return client;
    }

    private static async Task<string?> ReadLineAsync(TcpClient client) =>
        await new StreamReader(client.GetStream()).ReadLineAsync(Token);

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(10, Token);
        }
    }
}
