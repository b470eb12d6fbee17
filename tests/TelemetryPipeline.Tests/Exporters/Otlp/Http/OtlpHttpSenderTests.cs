using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Rpc;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Proto.Collector.Trace.V1;
using TelemetryPipeline.Exporters.Otlp.Http;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Otlp.Http;

public sealed class OtlpHttpSenderTests : IAsyncLifetime
{
    private readonly ExporterHarness _harness = new();
    private ScriptedServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await ScriptedServer.StartAsync(HttpProtocols.Http1);

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("none", "", "")]
    [InlineData("gzip", "gzip", "gzip")]
    [InlineData("zstd", "zstd", "zstd")]
    [InlineData("zlib", "zlib", "zlib")]
    [InlineData("deflate", "deflate", "deflate")]
    [InlineData("snappy", "snappy", "snappy-block")]
    [InlineData("x-snappy-framed", "x-snappy-framed", "snappy-framed")]
    public async Task Send_AnyCompression_ArrivesByteForByte(string compression, string header, string decoder)
    {
        using var sender = Sender($"compression: {compression}");
        foreach (var chunks in new[] { 1, 9 })
        {
            using var batch = Batches.Traces(chunks, 60);
            Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
            Assert.Equal(header, _server.Last.Headers.GetValueOrDefault("content-encoding", ""));
            Assert.Equal(Batches.Bytes(batch), Decoders.Decode(decoder, _server.Last.Body));
        }
    }

    [Fact]
    public async Task Send_Json_IsOneRequestWithAllChunks()
    {
        using var sender = Sender("compression: none, encoding: json");
        using var batch = Batches.Traces(3, 4);
        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        Assert.Equal("application/json", _server.Last.Headers["content-type"]);
        Assert.True(OtlpRequest.TryReadJson(
            Signal.Traces, _server.Last.Body, new System.Buffers.ArrayBufferWriter<byte>(), out var items, out _));
        Assert.Equal(12, items);
        Assert.Contains("\"resourceSpans\"", Encoding.UTF8.GetString(_server.Last.Body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Signal.Traces)]
    [InlineData(Signal.Metrics)]
    [InlineData(Signal.Logs)]
    public async Task Send_Json_IsReadByTheOracle(Signal signal)
    {
        using var sender = Sender("encoding: json, compression: none");
        for (var seed = 1; seed <= 5; seed++)
        {
            var request = OtlpGenerators.Request(signal, seed);
            using var batch = OtlpPayloads.Batch(request);
            Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
            Assert.Equal(request, OracleJson.Parse(signal, Encoding.UTF8.GetString(_server.Last.Body)));
        }
    }

    // The server stands for the proxy, which is asked for the whole address; it wants a password first.
    [Fact]
    public async Task Send_ThroughAProxy_AsksItForTheServerAndLogsIn()
    {
        _server.Answer = static context =>
        {
            if (context.Request.Headers.ProxyAuthorization.Count == 0)
            {
                context.Response.StatusCode = 407;
                context.Response.Headers.ProxyAuthenticate = "Basic realm=\"bank\"";
            }

            return Task.CompletedTask;
        };
        var config = ExporterHarness.Config<OtlpHttpConfig>(
            new OtlpHttpFactory(),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{{endpoint: 'http://ledger.bank.example:4318', compression: none, proxy_url: 'http://user:p%40ss@127.0.0.1:{_server.Port}'}}"));
        using var sender = new OtlpHttpSender(_harness.Context("otlp_http"), config);
        using var batch = Batches.Traces(3, 100);

        var result = await sender.SendAsync(batch, Cancel);

        Assert.True(result.IsAccepted, result.Message);
        Assert.Equal(("ledger.bank.example:4318", "/v1/traces"), (_server.Last.Host, _server.Last.Path));
        Assert.Equal("Basic " + Convert.ToBase64String("user:p@ss"u8), _server.Last.Headers["proxy-authorization"]);
        Assert.Equal(Batches.Bytes(batch), _server.Last.Body);
    }

    [Fact]
    public async Task Send_ProxyCannotBeReached_AsksForARetry()
    {
        var config = ExporterHarness.Config<OtlpHttpConfig>(
            new OtlpHttpFactory(), string.Create(
                CultureInfo.InvariantCulture,
                $"{{endpoint: 'http://ledger.bank.example:4318', proxy_url: 'http://127.0.0.99:{_server.Port}'}}"));
        using var sender = new OtlpHttpSender(_harness.Context("otlp_http"), config);
        using var batch = Batches.Traces();

        var result = await sender.SendAsync(batch, Cancel);

        Assert.Equal((ConsumeOutcome.Retry, "connection_refused"), (result.Outcome, result.Reason));
    }

    [Fact]
    public async Task Send_EverySignal_GoesToItsPath()
    {
        using var sender = Sender($"logs_endpoint: 'http://127.0.0.1:{_server.Port}/own/logs?tenant=7', headers: {{X-Tenant: bank-7}}");
        var paths = new List<string>();
        foreach (var make in new[] { () => Batches.Traces(), Batches.Metrics, Batches.Logs })
        {
            using var batch = make();
            Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
            paths.Add(_server.Last.Path);
        }

        Assert.Equal("/v1/traces /v1/metrics /own/logs", string.Join(' ', paths));
        Assert.Equal("bank-7", _server.Last.Headers["x-tenant"]);
        Assert.Equal("application/x-protobuf", _server.Last.Headers["content-type"]);
    }

    [Theory]
    [InlineData(400, false, "bad_request")]
    [InlineData(401, false, "unauthenticated")]
    [InlineData(403, false, "permission_denied")]
    [InlineData(404, false, "not_found")]
    [InlineData(405, false, "unimplemented")]
    [InlineData(408, false, "client_error")]
    [InlineData(415, false, "unsupported_media_type")]
    [InlineData(429, true, "too_many_requests")]
    [InlineData(500, false, "internal")]
    [InlineData(502, true, "bad_gateway")]
    [InlineData(503, true, "unavailable")]
    [InlineData(504, true, "gateway_timeout")]
    [InlineData(505, false, "server_error")]
    public async Task Send_Status_RetriesOnlyWhatOtlpAllows(int code, bool retry, string reason)
    {
        _server.Answer = Reply(code, new Status { Code = 14, Message = "no luck" });
        using var sender = Sender();
        using var batch = Batches.Traces(spansPerChunk: 3);
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal(retry ? ConsumeOutcome.Retry : ConsumeOutcome.Rejected, result.Outcome);
        Assert.Equal((reason, retry ? 0 : 3), (result.Reason, result.RejectedCount));
        Assert.EndsWith("no luck", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("17", 17)]
    [InlineData("Mon, 23 Nov 2026 07:00:40 GMT", 40)]
    [InlineData("Mon, 23 Nov 2026 06:00:00 GMT", 0)]
    [InlineData("soon", 0)]
    public async Task Send_RetryAfter_IsReadAsSecondsAndAsDate(string header, int expected)
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 7, 0, 0, TimeSpan.Zero));
        using var sender = new OtlpHttpSender(new ExporterHarness { Time = time }.Context("otlp_http"), Config(""));
        _server.Answer = context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter = header;
            return Task.CompletedTask;
        };
        using var batch = Batches.Traces();
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal((ConsumeOutcome.Retry, TimeSpan.FromSeconds(expected)), (result.Outcome, result.RetryAfter));
    }

    [Fact]
    public async Task Send_PartialSuccess_CountsTheRefused()
    {
        _server.Answer = Reply(200, new ExportTraceServiceResponse
        {
            PartialSuccess = new ExportTracePartialSuccess { RejectedSpans = 2, ErrorMessage = "too old" },
        });
        using var sender = Sender();
        using var batch = Batches.Traces(spansPerChunk: 5);
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal((ConsumeOutcome.Rejected, "partial_success", 2), (result.Outcome, result.Reason, result.RejectedCount));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(70_000)]
    public async Task Send_SuccessThatCannotBeRead_IsPermanent(int length)
    {
        _server.Answer = async context =>
        {
            context.Response.ContentType = "application/x-protobuf";
            var body = new byte[length];
            (body[0], body[1]) = (0x0A, 0x7F);
            await context.Response.Body.WriteAsync(body);
        };
        using var sender = Sender();
        using var batch = Batches.Traces();
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal((ConsumeOutcome.Rejected, "invalid_response"), (result.Outcome, result.Reason));
    }

    [Fact]
    public async Task Send_TooLarge_SplitsUntilItFits_Issue14298()
    {
        const int SizeMax = 6000;
        _server.Answer = context =>
        {
            context.Response.StatusCode = _server.Last.Body.Length > SizeMax ? 413 : 200;
            return Task.CompletedTask;
        };
        using var sender = Sender("compression: none");
        using var batch = Batches.Traces(1, 100);
        Assert.True(batch.ByteCount > 3 * SizeMax);
        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);

        var spans = 0;
        foreach (var request in _server.Requests)
        {
            if (request.Body.Length <= SizeMax)
            {
                foreach (var resource in ExportTraceServiceRequest.Parser.ParseFrom(request.Body).ResourceSpans)
                {
                    spans += resource.ScopeSpans[0].Spans.Count;
                }
            }
        }

        Assert.Equal(100, spans);
    }

    [Fact]
    public async Task Send_NothingFits_RejectsEveryItemOnce()
    {
        _server.Answer = Reply(413, new Status { Message = "too big" });
        using var sender = Sender();
        using var batch = Batches.Traces(2, 3);
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal((ConsumeOutcome.Rejected, "too_large", 6), (result.Outcome, result.Reason, result.RejectedCount));
    }

    [Fact]
    public async Task Send_Redirect_IsNotFollowed()
    {
        _server.Answer = static context =>
        {
            context.Response.Redirect("http://elsewhere.example/v1/traces", permanent: false, preserveMethod: true);
            return Task.CompletedTask;
        };
        using var sender = Sender();
        using var batch = Batches.Traces();
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal((ConsumeOutcome.Rejected, "redirect"), (result.Outcome, result.Reason));
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task Start_SignalWithoutEndpoint_SaysWhichKeyIsMissing()
    {
        var config = ExporterHarness.Config<OtlpHttpConfig>(new OtlpHttpFactory(), "traces_endpoint: http://localhost:1/v1/traces");
        using var sender = new OtlpHttpSender(_harness.Context("otlp_http"), config);
        var failure = await Assert.ThrowsAsync<ComponentStartException>(() => sender.StartAsync(Cancel));
        Assert.Contains("metrics_endpoint", failure.Message, StringComparison.Ordinal);
    }

    // What validate builds; nothing is started there.
    [Fact]
    public void Create_SignalWithoutEndpoint_SaysWhichKeyIsMissing()
    {
        var factory = new OtlpHttpFactory();
        var config = ExporterHarness.Config<OtlpHttpConfig>(factory, "traces_endpoint: http://localhost:1/v1/traces");
        var failure = Assert.Throws<ComponentStartException>(() => factory.Create(_harness.Context("otlp_http"), config));
        Assert.Contains("neither endpoint nor metrics_endpoint is set", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "endpoint, or at least one of traces_endpoint, metrics_endpoint and logs_endpoint, must be set")]
    [InlineData("{endpoint: ''}", "endpoint, or at least one of traces_endpoint, metrics_endpoint and logs_endpoint, must be set")]
    [InlineData("{endpoint: null}", "endpoint, or at least one of traces_endpoint, metrics_endpoint and logs_endpoint, must be set")]
    [InlineData("{traces_endpoint: '', logs_endpoint: }", "endpoint, or at least one of traces_endpoint, metrics_endpoint and logs_endpoint, must be set")]
    [InlineData("{endpoint: 'http://h', headers: {authorization: }}", "must be a string, got null")]
    [InlineData("{endpoint: 'localhost:4318'}", "must be an http:// or https:// URL, got \"localhost:4318\"")]
    [InlineData("{endpoint: 'http://u:pw@h'}", "must not hold credentials; put them into headers")]
    [InlineData("{endpoint: 'http://h', auth: {authenticator: x}}", "not supported by this build: put the credentials into headers")]
    [InlineData("{endpoint: 'http://h', compression_params: {level: 12}}", "must be at most 9 with this compression, got 12")]
    public void Read_Rejects(string yaml, string expected)
    {
        var (_, errors) = ExporterHarness.Read(new OtlpHttpFactory(), yaml);
        Assert.EndsWith(": " + expected, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_BadHeaderOrProxy_NeverShowsTheValue()
    {
        var (_, errors) = ExporterHarness.Read(
            new OtlpHttpFactory(), "{endpoint: 'http://h', headers: {a: \"s3cr3t\\nx\"}, proxy_url: 'ftp://u:s3cr3t@proxy'}");
        Assert.Equal(2, errors.Count);
        Assert.All(errors, static error => Assert.DoesNotContain("s3cr3t", error, StringComparison.Ordinal));
    }

    private static Func<HttpContext, Task> Reply(int status, IMessage body) => async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/x-protobuf";
        await context.Response.Body.WriteAsync(body.ToByteArray());
    };

    private OtlpHttpConfig Config(string settings) => ExporterHarness.Config<OtlpHttpConfig>(
        new OtlpHttpFactory(),
        string.Create(CultureInfo.InvariantCulture, $"{{endpoint: 'http://127.0.0.1:{_server.Port}/', {settings}}}"));

    private OtlpHttpSender Sender(string settings = "") => new(_harness.Context("otlp_http"), Config(settings));
}
