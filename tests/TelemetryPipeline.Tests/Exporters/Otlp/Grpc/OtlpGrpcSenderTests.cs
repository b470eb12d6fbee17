using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Proto.Collector.Trace.V1;
using TelemetryPipeline.Exporters.Otlp.Grpc;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Tests.Exporters.Otlp.Grpc;

public sealed class OtlpGrpcSenderTests : IAsyncLifetime
{
    private readonly ExporterHarness _harness = new();
    private ScriptedServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedServer.StartAsync(HttpProtocols.Http2);
        _server.Answer = GrpcReplies.Ok();
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("none", 1, 1, "none")]
    [InlineData("none", 1, 400, "none")]
    [InlineData("none", 300, 1, "none")]
    [InlineData("none", 7, 90, "none")]
    [InlineData("gzip", 7, 90, "gzip")]
    [InlineData("zstd", 7, 90, "zstd")]
    [InlineData("snappy", 7, 90, "snappy-framed")]
    public async Task Send_AnyCompressionAndChunks_ArrivesByteForByte(string compression, int chunks, int spans, string decoder)
    {
        using var batch = Batches.Traces(chunks, spans);
        using var sender = Sender($"compression: {compression}");

        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);

        foreach (var request in _server.Requests)
        {
            var (compressed, message) = GrpcReplies.Unframe(request.Body);
            Assert.Equal(compression != "none", compressed);
            Assert.Equal(compressed ? compression : null, request.Headers.GetValueOrDefault("grpc-encoding"));
            Assert.Equal(Batches.Bytes(batch), Decoders.Decode(decoder, message));
        }
    }

    [Fact]
    public async Task Send_EverySignal_GoesToItsServiceWithGrpcHeaders()
    {
        using var sender = Sender("compression: none, timeout: 7s, headers: {X-Tenant: bank-7}");
        foreach (var make in new[] { () => Batches.Traces(), Batches.Metrics, Batches.Logs })
        {
            using var batch = make();
            Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        }

        string[] paths = [.. System.Linq.Enumerable.Select(_server.Requests, static r => r.Path)];
        Assert.Equal(
            [
                "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
                "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
                "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
            ],
            paths);
        var request = _server.Last;
        Assert.Equal("HTTP/2", request.Protocol);
        Assert.Equal("application/grpc", request.Headers["content-type"]);
        Assert.Equal("trailers", request.Headers["te"]);
        Assert.Equal("7000m", request.Headers["grpc-timeout"]);
        Assert.Equal("bank-7", request.Headers["x-tenant"]);
        Assert.StartsWith("TelemetryPipeline/", request.Headers["user-agent"], StringComparison.Ordinal);
    }

    // OTLP specification 1.11, table of retryable codes.
    [Theory]
    [InlineData(1, true, "cancelled")]
    [InlineData(2, false, "unknown")]
    [InlineData(3, false, "invalid_argument")]
    [InlineData(4, true, "deadline_exceeded")]
    [InlineData(5, false, "not_found")]
    [InlineData(6, false, "already_exists")]
    [InlineData(7, false, "permission_denied")]
    [InlineData(8, false, "resource_exhausted")]
    [InlineData(9, false, "failed_precondition")]
    [InlineData(10, true, "aborted")]
    [InlineData(11, true, "out_of_range")]
    [InlineData(12, false, "unimplemented")]
    [InlineData(13, false, "internal")]
    [InlineData(14, true, "unavailable")]
    [InlineData(15, true, "data_loss")]
    [InlineData(16, false, "unauthenticated")]
    [InlineData(99, false, "unknown")]
    public async Task Send_Status_RetriesOnlyWhatOtlpAllows(int code, bool retry, string reason)
    {
        using var sender = Sender();
        foreach (var trailersOnly in new[] { true, false })
        {
            _server.Answer = GrpcReplies.Status(code, "no luck: 100% ü", trailersOnly: trailersOnly);
            using var batch = Batches.Traces(spansPerChunk: 3);
            var result = await sender.SendAsync(batch, Cancel);
            Assert.Equal(retry ? ConsumeOutcome.Retry : ConsumeOutcome.Rejected, result.Outcome);
            Assert.Equal(reason, result.Reason);
            Assert.Equal(retry ? 0 : 3, result.RejectedCount);
            Assert.EndsWith("no luck: 100% ü", result.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(8, 2500, true)]
    [InlineData(14, 750, true)]
    [InlineData(8, 0, true)]
    [InlineData(3, 1000, false)]
    public async Task Send_StatusWithRetryInfo_WaitsAsLongAsTold(int code, int delayMs, bool retry)
    {
        using var sender = Sender();
        foreach (var trailersOnly in new[] { true, false })
        {
            _server.Answer = GrpcReplies.Status(code, "busy", TimeSpan.FromMilliseconds(delayMs), trailersOnly);
            using var batch = Batches.Traces();
            var result = await sender.SendAsync(batch, Cancel);
            Assert.Equal(retry ? ConsumeOutcome.Retry : ConsumeOutcome.Rejected, result.Outcome);
            Assert.Equal(retry ? TimeSpan.FromMilliseconds(delayMs) : TimeSpan.Zero, result.RetryAfter);
        }
    }

    [Theory]
    [InlineData(401, ConsumeOutcome.Rejected, "unauthenticated")]
    [InlineData(403, ConsumeOutcome.Rejected, "permission_denied")]
    [InlineData(404, ConsumeOutcome.Rejected, "unimplemented")]
    [InlineData(400, ConsumeOutcome.Rejected, "internal")]
    [InlineData(429, ConsumeOutcome.Retry, "unavailable")]
    [InlineData(502, ConsumeOutcome.Retry, "unavailable")]
    [InlineData(503, ConsumeOutcome.Retry, "unavailable")]
    [InlineData(504, ConsumeOutcome.Retry, "unavailable")]
    [InlineData(200, ConsumeOutcome.Retry, "protocol_error")]
    public async Task Send_ProxyAnswersWithoutGrpcStatus_MapsTheHttpStatus(int status, ConsumeOutcome outcome, string reason)
    {
        _server.Answer = context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("<html>");
        };
        using var sender = Sender();
        using var batch = Batches.Traces();
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal((outcome, reason), (result.Outcome, result.Reason));
    }

    [Fact]
    public async Task Send_PartialSuccess_CountsTheRefusedAndNeverRetries()
    {
        _server.Answer = GrpcReplies.Ok(new ExportTraceServiceResponse
        {
            PartialSuccess = new ExportTracePartialSuccess { RejectedSpans = 2, ErrorMessage = "too old" },
        });
        using var sender = Sender();
        using var batch = Batches.Traces(spansPerChunk: 5);
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal(ConsumeOutcome.Rejected, result.Outcome);
        Assert.Equal(("partial_success", 2), (result.Reason, result.RejectedCount));
        Assert.Contains("too old", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_Warnings_AreAcceptedCountedAndLoggedOncePerInterval()
    {
        _server.Answer = GrpcReplies.Ok(new ExportTraceServiceResponse
        {
            PartialSuccess = new ExportTracePartialSuccess { ErrorMessage = "use a newer SDK" },
        });
        using var sender = Sender();
        for (var i = 0; i < 3; i++)
        {
            using var batch = Batches.Traces();
            Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        }

        Assert.Equal(3, _harness.Count("otelcol_exporter_partial_success_warnings"));
        Assert.Contains("use a newer SDK", Assert.Single(_harness.Logs), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 0x0A, 0x7F })]
    public async Task Send_OkWithBadFraming_IsPermanent(byte[] body)
    {
        _server.Answer = GrpcReplies.OkWithBody(body);
        using var sender = Sender();
        using var batch = Batches.Traces();
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal((ConsumeOutcome.Rejected, "invalid_response"), (result.Outcome, result.Reason));
    }

    [Fact]
    public async Task Send_SlowServer_TimesOut()
    {
        _server.Answer = static context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        using var sender = Sender();
        using var batch = Batches.Traces();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var sending = sender.SendAsync(batch, limit.Token).AsTask();
        while (_server.Requests.IsEmpty)
        {
            await Task.Yield();
        }

        await limit.CancelAsync();
        var result = await sending;
        Assert.Equal((ConsumeOutcome.Retry, "timeout"), (result.Outcome, result.Reason));
    }

    [Fact]
    public async Task Send_ServerDiesInTheMiddleOfItsAnswer_Retries()
    {
        _server.Answer = static async context =>
        {
            GrpcReplies.Begin(context);
            await context.Response.Body.WriteAsync(new byte[] { 0, 0 });
            await context.Response.Body.FlushAsync();
            context.Abort();
        };
        using var sender = Sender();
        using var batch = Batches.Traces();
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal(ConsumeOutcome.Retry, result.Outcome);
        Assert.True(result.Reason is "stream_reset" or "connection_closed" or "connection_reset", result.Reason);
    }

    [Fact]
    public async Task Send_ServerResetsTheStream_Retries()
    {
        _server.Answer = static context =>
        {
            context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(11);
            return Task.CompletedTask;
        };
        using var sender = Sender();
        using var batch = Batches.Traces();
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal((ConsumeOutcome.Retry, "stream_reset"), (result.Outcome, result.Reason));
    }

    [Fact]
    public async Task Send_AfterGoAway_UsesANewConnection()
    {
        var ok = GrpcReplies.Ok();
        _server.Answer = async context =>
        {
            context.Features.GetRequiredFeature<Microsoft.AspNetCore.Connections.Features.IConnectionLifetimeNotificationFeature>().RequestClose();
            await ok(context);
        };
        using var sender = Sender();
        for (var i = 0; i < 3; i++)
        {
            using var batch = Batches.Traces();
            Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        }
    }

    [Fact]
    public async Task Send_ServerRefusesWithGoAway_Retries()
    {
        await using var hostile = GoAwayServer.Start();
        using var sender = Sender(port: hostile.Port);
        using var batch = Batches.Traces();
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal(ConsumeOutcome.Retry, result.Outcome);
        Assert.True(result.Reason != "transport_failed", result.Message);
    }

    [Fact]
    public async Task Send_NobodyListens_RetriesAsRefused()
    {
        var port = _server.Port;
        await _server.DisposeAsync();
        using var sender = Sender(port: port);
        using var batch = Batches.Traces();
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal((ConsumeOutcome.Retry, "connection_refused"), (result.Outcome, result.Reason));
    }

    [Fact]
    public async Task Send_NameDoesNotExist_RetriesAsUnresolved()
    {
        using var sender = new OtlpGrpcSender(
            _harness.Context("otlp_grpc"),
            ExporterHarness.Config<OtlpGrpcConfig>(new OtlpGrpcFactory(), "{endpoint: 'nowhere.example:4317', tls: {insecure: true}}"),
            static (_, _) => throw new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.HostNotFound));
        using var batch = Batches.Traces();
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal((ConsumeOutcome.Retry, "name_resolution_failed"), (result.Outcome, result.Reason));
    }

    [Fact]
    public async Task Send_ServerAnswersBeforeTheBodyIsSent_DoesNotTouchTheBatchAfterwards()
    {
        // Scenario: the server refuses without reading, while megabytes of the body are still to be written.
        // Guarantees: when the outcome is there, nobody reads the batch's memory any more.
        using var sender = Sender("compression: none");
        for (var i = 0; i < 10; i++)
        {
            var batch = Batches.Traces(40, 400);
            _server.Answer = GrpcReplies.Status(14, "busy");
            var result = await sender.SendAsync(batch, Cancel);
            Assert.Equal(ConsumeOutcome.Retry, result.Outcome);
            batch.Dispose();
        }
    }

    [Fact]
    public async Task Send_ServerQuotesTheCredentials_MasksThem()
    {
        _server.Answer = GrpcReplies.Status(16, "bad token s3cr3t-t0ken for you");
        using var sender = Sender("headers: {authorization: Bearer s3cr3t-t0ken}");
        using var batch = Batches.Traces();
        var result = await sender.SendAsync(batch, Cancel);
        Assert.Equal("Bearer s3cr3t-t0ken", _server.Last.Headers["authorization"]);
        Assert.DoesNotContain("s3cr3t", result.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_harness.Logs, static line => line.Contains("s3cr3t", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Send_SteadyState_AllocatesNothingPerSpan()
    {
        using var sender = Sender("compression: none");
        using var small = Batches.Traces(1, 10);
        using var large = Batches.Traces(1, 4000);

        // The whole process is counted, server included, so only the difference that spans could make is judged.
        var perSmall = await AllocatedAsync(sender, small);
        var perLarge = await AllocatedAsync(sender, large);
        Assert.True(perLarge - perSmall < 4000, $"{perSmall} bytes with 10 spans, {perLarge} with 4000");
    }

    private async Task<long> AllocatedAsync(OtlpGrpcSender sender, OtlpBatch batch)
    {
        var least = long.MaxValue;
        using var body = new MemoryStream(4 << 20);
        for (var i = 0; i < 20; i++)
        {
            using var content = new PayloadContent(
                new Payload(batch), grpcPrefix: true);
            body.Position = 0;
            var before = GC.GetAllocatedBytesForCurrentThread();
            var writing = content.CopyToAsync(body, Cancel);
            var after = GC.GetAllocatedBytesForCurrentThread();
            await writing;
            least = Math.Min(least, after - before);
        }

        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);
        return least;
    }

    private OtlpGrpcSender Sender(string settings = "", int port = 0)
    {
        var yaml = $"{{endpoint: '127.0.0.1:{(port == 0 ? _server.Port : port)}', tls: {{insecure: true}}, {settings}}}";
        var config = ExporterHarness.Config<OtlpGrpcConfig>(new OtlpGrpcFactory(), yaml);
        return new OtlpGrpcSender(_harness.Context("otlp_grpc"), config);
    }
}
