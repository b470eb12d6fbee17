using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpenTelemetry.Proto.Collector.Trace.V1;
using TelemetryPipeline.Exporters.Otlp.Grpc;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Tests.Exporters.Otlp.Grpc;

/// <summary>Servers limit messages, mostly to 4 MiB, and say so in words of their own.</summary>
public sealed class GrpcSizeRefusalTests : IAsyncLifetime
{
    private const int ResourceExhausted = 8;
    private const int OutOfRange = 11;
    private const int SizeMax = 6000;

    private readonly ExporterHarness _harness = new();
    private ScriptedServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await ScriptedServer.StartAsync(HttpProtocols.Http2);

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(ResourceExhausted, "grpc: received message larger than max (6291456 vs. 4194304)")]
    [InlineData(ResourceExhausted, "grpc: received message after decompression larger than max 4194304")]
    [InlineData(ResourceExhausted, "grpc: message after decompression larger than max (6291456 vs. 4194304)")]
    [InlineData(ResourceExhausted, "Received message larger than max (6291456 vs. 4194304)")]
    [InlineData(ResourceExhausted, "gRPC message exceeds maximum size 4194304: 6291456")]
    [InlineData(ResourceExhausted, "Decompressed gRPC message exceeds maximum size 4194304")]
    [InlineData(ResourceExhausted, "Received message exceeds the maximum configured message size.")]
    [InlineData(ResourceExhausted, "the request exceeds the limit of 4194304 bytes")]
    [InlineData(OutOfRange, "Error, message length too large: found 6291456 bytes, the limit is: 4194304 bytes")]
    [InlineData(OutOfRange, "Error, decoded message length too large: found 6291456 bytes, the limit is: 4194304 bytes")]
    public async Task Send_TooLargeForTheServer_ArrivesInParts(int code, string message)
    {
        var ok = GrpcReplies.Ok();
        foreach (var trailersOnly in new[] { true, false })
        {
            _server.Requests.Clear();
            var refusal = GrpcReplies.Status(code, message, trailersOnly: trailersOnly);
            _server.Answer = context => _server.Last.Body.Length > SizeMax ? refusal(context) : ok(context);
            using var sender = Sender();
            using var batch = Batches.Traces(1, 100);
            Assert.True(batch.ByteCount > 3 * SizeMax);

            Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);

            Assert.Equal(100, AcceptedSpans());
        }
    }

    [Fact]
    public async Task Send_ProxyAnswers413_ArrivesInParts()
    {
        var ok = GrpcReplies.Ok();
        _server.Answer = context =>
        {
            if (_server.Last.Body.Length <= SizeMax)
            {
                return ok(context);
            }

            context.Response.StatusCode = StatusCodes.Status413RequestEntityTooLarge;
            return Task.CompletedTask;
        };
        using var sender = Sender();
        using var batch = Batches.Traces(1, 100);

        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);

        Assert.Equal(100, AcceptedSpans());
    }

    [Fact]
    public async Task Send_NothingFits_RejectsEveryItemOnce()
    {
        _server.Answer = GrpcReplies.Status(ResourceExhausted, "Received message larger than max (9 vs. 4)");
        using var sender = Sender();
        using var batch = Batches.Traces(2, 3);

        var result = await sender.SendAsync(batch, Cancel);

        Assert.Equal((ConsumeOutcome.Rejected, "too_large", 6), (result.Outcome, result.Reason, result.RejectedCount));
        Assert.Contains("larger than max", result.Message, StringComparison.Ordinal);
    }

    // Smaller messages do not help against an exhausted quota, and would multiply the requests to it.
    [Theory]
    [InlineData(ResourceExhausted, "quota of tenant bank-7 is used up")]
    [InlineData(ResourceExhausted, "ingestion rate limit (100000 spans) exceeded")]
    [InlineData(3, "attribute value too large")]
    public async Task Send_OtherRefusal_IsNotRepeatedInParts(int code, string message)
    {
        _server.Answer = GrpcReplies.Status(code, message);
        using var sender = Sender();
        using var batch = Batches.Traces(1, 10);

        var result = await sender.SendAsync(batch, Cancel);

        Assert.Equal((ConsumeOutcome.Rejected, 10), (result.Outcome, result.RejectedCount));
        Assert.NotEqual("too_large", result.Reason);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task Send_TooLargeWithRetryInfo_WaitsAsTold()
    {
        _server.Answer = GrpcReplies.Status(ResourceExhausted, "message larger than max", TimeSpan.FromSeconds(3));
        using var sender = Sender();
        using var batch = Batches.Traces(1, 10);

        var result = await sender.SendAsync(batch, Cancel);

        Assert.Equal((ConsumeOutcome.Retry, TimeSpan.FromSeconds(3)), (result.Outcome, result.RetryAfter));
        Assert.Single(_server.Requests);
    }

    private int AcceptedSpans()
    {
        var spans = 0;
        foreach (var request in _server.Requests)
        {
            if (request.Body.Length <= SizeMax)
            {
                foreach (var resource in ExportTraceServiceRequest.Parser.ParseFrom(GrpcReplies.Unframe(request.Body).Message).ResourceSpans)
                {
                    spans += resource.ScopeSpans[0].Spans.Count;
                }
            }
        }

        return spans;
    }

    private OtlpGrpcSender Sender() => new(
        _harness.Context("otlp_grpc"),
        ExporterHarness.Config<OtlpGrpcConfig>(
            new OtlpGrpcFactory(), $"{{endpoint: '127.0.0.1:{_server.Port}', tls: {{insecure: true}}, compression: none}}"));
}
