using System.Buffers.Binary;
using System.Linq;
using System.Net;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.Tests.Otlp;

namespace TelemetryPipeline.Tests.Receiver.Grpc;

public class GrpcEndpointTests
{
    private const string TraceExport = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    private static readonly ExportTraceServiceRequest Spans = new TransferTraces().Request(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Export_Traces_HandsOnTheBytesAndLeavesPartialSuccessUnset()
    {
        await using var running = await RunningReceiver.StartAsync();
        var response = await new TraceService.TraceServiceClient(running.Channel()).ExportAsync(Spans, cancellationToken: Token);
        Assert.Null(response.PartialSuccess);
        var batch = Assert.Single(running.Sink.Batches);
        Assert.Equal((Signal.Traces, 34), (batch.Signal, batch.Items));
        Assert.Equal(Spans.ToByteArray(), batch.Bytes);
        Assert.Null(batch.Metadata);
        Assert.Equal(34, running.Count("otelcol_receiver_accepted_spans", "receiver=\"otlp\",transport=\"grpc\""));
        Assert.Equal(1, running.Count("otelcol_receiver_requests", "receiver=\"otlp\",transport=\"grpc\",outcome=\"success\""));
    }

    [Fact]
    public async Task Export_MetricsAndLogs_HandsOn()
    {
        await using var running = await RunningReceiver.StartAsync();
        var metrics = new ExportMetricsServiceRequest
        {
            ResourceMetrics = { new ResourceMetrics { ScopeMetrics = { new ScopeMetrics { Metrics = { new Metric { Name = "m", Gauge = new Gauge { DataPoints = { new NumberDataPoint { AsInt = 1 } } } } } } } } },
        };
        var logs = new ExportLogsServiceRequest
        {
            ResourceLogs = { new ResourceLogs { ScopeLogs = { new ScopeLogs { LogRecords = { new LogRecord(), new LogRecord() } } } } },
        };
        Assert.Null((await new MetricsService.MetricsServiceClient(running.Channel()).ExportAsync(metrics, cancellationToken: Token)).PartialSuccess);
        Assert.Null((await new LogsService.LogsServiceClient(running.Channel()).ExportAsync(logs, cancellationToken: Token)).PartialSuccess);
        Assert.Equal([(Signal.Metrics, 1), (Signal.Logs, 2)], running.Sink.Batches.Select(static b => (b.Signal, b.Items)));
        Assert.Equal(1, running.Count("otelcol_receiver_accepted_metric_points", "receiver=\"otlp\",transport=\"grpc\""));
        Assert.Equal(2, running.Count("otelcol_receiver_accepted_log_records", "receiver=\"otlp\",transport=\"grpc\""));
    }

    [Fact]
    public async Task Export_Empty_SucceedsWithoutABatch()
    {
        await using var running = await RunningReceiver.StartAsync();
        var response = await new TraceService.TraceServiceClient(running.Channel())
            .ExportAsync(new ExportTraceServiceRequest(), cancellationToken: Token);
        Assert.Null(response.PartialSuccess);
        Assert.Empty(running.Sink.Batches);
    }

    [Fact]
    public async Task Export_Rejected_AnswersPartialSuccessWithTrueCount()
    {
        await using var running = await RunningReceiver.StartAsync();
        running.Sink.AnswerWith(ConsumeResult.Rejected("invalid", "3 spans are too old", 3));
        var response = await new TraceService.TraceServiceClient(running.Channel()).ExportAsync(Spans, cancellationToken: Token);
        Assert.Equal(3, response.PartialSuccess.RejectedSpans);
        Assert.Equal("3 spans are too old", response.PartialSuccess.ErrorMessage);
        Assert.Equal(31, running.Count("otelcol_receiver_accepted_spans", "receiver=\"otlp\",transport=\"grpc\""));
        Assert.Equal(3, running.Count("otelcol_receiver_refused_spans", "receiver=\"otlp\",transport=\"grpc\""));
    }

    [Theory]
    [InlineData("queue_full", StatusCode.Unavailable)]
    [InlineData("rate_limited", StatusCode.ResourceExhausted)]
    public async Task Export_Retry_AnswersRetryableStatusWithRetryInfo(string reason, StatusCode expected)
    {
        await using var running = await RunningReceiver.StartAsync();
        running.Sink.AnswerWith(ConsumeResult.Retry(reason, "sending queue is 100% full: \u00e9", TimeSpan.FromSeconds(7)));
        var error = await FailAsync(running, Spans);
        Assert.Equal(expected, error.StatusCode);
        Assert.Equal("sending queue is 100% full: \u00e9", error.Status.Detail);
        var status = Details(error.Trailers);
        Assert.Equal((int)expected, status.Code);
        Assert.Equal(7, status.Details.Single().Unpack<RetryInfo>().RetryDelay.Seconds);
        Assert.Equal(34, running.Count("otelcol_receiver_refused_spans", "receiver=\"otlp\",transport=\"grpc\""));
        Assert.Equal(1, running.Count("otelcol_receiver_refusals", $"receiver=\"otlp\",transport=\"grpc\",signal=\"traces\",reason=\"{reason}\""));
    }

    [Fact]
    public async Task Export_NotAdmitted_RefusesBeforeTheBodyIsRead()
    {
        await using var running = await RunningReceiver.StartAsync();
        running.Sink.Admission = ConsumeResult.Retry("memory", "out of memory");
        var body = new byte[] { 1, 2, 3 };
        using var response = await running.CallAsync(TraceExport, body);
        Assert.Equal("14", response.Headers.GetValues("grpc-status").Single());
        Assert.Equal(1, running.Sink.AskedCount);
        Assert.Empty(running.Sink.Batches);
        Assert.Equal(0, running.Count("otelcol_receiver_requests", "receiver=\"otlp\",transport=\"grpc\",outcome=\"failure\""));
        Assert.Equal(1, running.Count("otelcol_receiver_requests", "receiver=\"otlp\",transport=\"grpc\",outcome=\"refused\""));
    }

    [Fact]
    public async Task Export_ThrowingPipeline_AnswersUnavailableSoThatTheDataIsSentAgain()
    {
        await using var running = await RunningReceiver.StartAsync();
        running.Sink.Answer = static (_, _) => throw new InvalidOperationException("secret");
        var error = await FailAsync(running, Spans);
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.DoesNotContain("secret", error.Status.Detail, StringComparison.Ordinal);
        Assert.Equal(1, running.Count("otelcol_receiver_requests", "receiver=\"otlp\",transport=\"grpc\",outcome=\"failure\""));
        Assert.Equal(34, running.Count("otelcol_receiver_failed_spans", "receiver=\"otlp\",transport=\"grpc\""));
    }

    [Fact]
    public async Task Export_Malformed_AnswersInvalidArgumentWithBadRequest()
    {
        await using var running = await RunningReceiver.StartAsync();
        using var response = await running.CallAsync(TraceExport, Message([0x0a, 0xff]));
        Assert.Equal("3", response.Headers.GetValues("grpc-status").Single());
        var details = response.Headers.GetValues("grpc-status-details-bin").Single();
        var status = Google.Rpc.Status.Parser.ParseFrom(Convert.FromBase64String(details.PadRight((details.Length + 3) / 4 * 4, '=')));
        Assert.NotEmpty(status.Details.Single().Unpack<BadRequest>().FieldViolations);
    }

    [Fact]
    public async Task Export_AboveLimit_AnswersResourceExhaustedWithoutRetryInfo()
    {
        await using var running = await RunningReceiver.StartAsync(grpc: "max_recv_msg_size_mib: 1");
        var error = await FailAsync(running, new TransferTraces().FromOneService(5000));
        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.Null(error.Trailers.GetValueBytes("grpc-status-details-bin"));
        Assert.Empty(running.Sink.Batches);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("snappy")]
    public async Task Export_Compressed_IsDecompressed(string encoding)
    {
        await using var running = await RunningReceiver.StartAsync();
        var body = Message(Compressions.Compress(encoding, Spans.ToByteArray()), compressed: true);
        using var response = await running.CallAsync(TraceExport, body, headers: ("grpc-encoding", encoding));
        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
        Assert.Equal(Spans.ToByteArray(), running.Sink.Batches.Single().Bytes);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("snappy")]
    public async Task Export_DecompressionBomb_StopsAtTheLimit(string encoding)
    {
        await using var running = await RunningReceiver.StartAsync(grpc: "max_recv_msg_size_mib: 1");
        var body = Message(Compressions.Compress(encoding, new byte[16 << 20]), compressed: true);
        using var response = await running.CallAsync(TraceExport, body, headers: ("grpc-encoding", encoding));
        Assert.Equal("8", response.Headers.GetValues("grpc-status").Single());
        Assert.Equal(1, running.Count("otelcol_receiver_refusals", "receiver=\"otlp\",transport=\"grpc\",signal=\"traces\",reason=\"too_large\""));
    }

    [Fact]
    public async Task Export_MillionEmptySpans_AnswersResourceExhaustedWithoutRetryInfo()
    {
        var (_, bytes) = AdversarialRequests.Build("empty spans", 1_000_000);
        await using var running = await RunningReceiver.StartAsync();
        var body = Message(Compressions.Compress("gzip", bytes), compressed: true);
        using var response = await running.CallAsync(TraceExport, body, headers: ("grpc-encoding", "gzip"));
        Assert.Equal("8", response.Headers.GetValues("grpc-status").Single());
        Assert.False(response.Headers.Contains("grpc-status-details-bin"));
        Assert.Empty(running.Sink.Batches);
        Assert.Equal(1, running.Count("otelcol_receiver_refusals", "receiver=\"otlp\",transport=\"grpc\",signal=\"traces\",reason=\"too_expensive\""));
    }

    [Theory]
    [InlineData("br")]
    [InlineData("identity")]
    public async Task Export_UnknownCompression_AnswersUnimplementedAndNamesTheKnown(string encoding)
    {
        await using var running = await RunningReceiver.StartAsync();
        using var response = await running.CallAsync(TraceExport, Message([1], compressed: true), headers: ("grpc-encoding", encoding));
        Assert.Equal("12", response.Headers.GetValues("grpc-status").Single());
        Assert.Equal("identity,gzip,zstd,snappy", response.Headers.GetValues("grpc-accept-encoding").Single());
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 1 })]
    [InlineData(new byte[] { 7, 0, 0, 0, 0 })]
    public async Task Export_BrokenFraming_AnswersInvalidArgument(byte[] body)
    {
        await using var running = await RunningReceiver.StartAsync();
        using var response = await running.CallAsync(TraceExport, body);
        Assert.Equal("3", response.Headers.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task Call_UnknownMethod_AnswersUnimplemented()
    {
        await using var running = await RunningReceiver.StartAsync();
        using var response = await running.CallAsync("/no.such.Service/Export", Message([]));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("12", response.Headers.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task Export_SignalWithoutPipeline_AnswersUnimplemented()
    {
        await using var running = await RunningReceiver.StartAsync(signals: [Signal.Traces]);
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
            await new LogsService.LogsServiceClient(running.Channel()).ExportAsync(new ExportLogsServiceRequest(), cancellationToken: Token));
        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/grpc-web")]
    [InlineData("application/grpc+json")]
    public async Task Call_WrongContentType_Answers415(string contentType)
    {
        await using var running = await RunningReceiver.StartAsync();
        using var response = await running.CallAsync(TraceExport, Message([]), contentType);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task Export_IncludeMetadata_KeepsHeaders()
    {
        await using var running = await RunningReceiver.StartAsync(grpc: "include_metadata: true");
        await new TraceService.TraceServiceClient(running.Channel())
            .ExportAsync(Spans, new Metadata { { "x-tenant", "bank-7" } }, cancellationToken: Token);
        Assert.Equal(["bank-7"], running.Sink.Batches.Single().Metadata!.Get("X-Tenant"));
    }

    [Fact]
    public async Task Export_DeadlineWhileWaiting_EndsTheWait()
    {
        await using var running = await RunningReceiver.StartAsync();
        running.Sink.Answer = static async (_, cancellation) =>
        {
            var fired = new TaskCompletionSource();
            await using var registration = cancellation.Register(fired.SetResult);
            await fired.Task;
            return ConsumeResult.Retry("cancelled", "the sender went away");
        };
        using var response = await running.CallAsync(TraceExport, Message(Spans.ToByteArray()), headers: ("grpc-timeout", "50m"));
        Assert.Equal("4", response.Headers.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task Export_ManyAtOnce_LosesNothing()
    {
        await using var running = await RunningReceiver.StartAsync();
        var client = new TraceService.TraceServiceClient(running.Channel());
        var request = new TransferTraces().FromOneService(3);
        await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => client.ExportAsync(request, cancellationToken: Token).ResponseAsync));
        Assert.Equal(900, running.Sink.Batches.Sum(static b => b.Items));
        Assert.All(running.Sink.Batches, b => Assert.Equal(request.ToByteArray(), b.Bytes));
    }

    [Fact]
    public async Task Export_Garbage_AlwaysAnswersAndNeverBreaks()
    {
        await using var running = await RunningReceiver.StartAsync();
        var random = new Random(20240521);
        for (var i = 0; i < 60; i++)
        {
            var body = new byte[random.Next(200)];
            random.NextBytes(body);
            using var raw = await running.CallAsync(TraceExport, body, headers: ("grpc-encoding", "gzip"));
            Assert.True(raw.Headers.Contains("grpc-status") || raw.TrailingHeaders.Contains("grpc-status"), $"seed 20240521, round {i}");
        }

        await new TraceService.TraceServiceClient(running.Channel()).ExportAsync(Spans, cancellationToken: Token);
    }

    private static byte[] Message(byte[] message, bool compressed = false)
    {
        var framed = new byte[message.Length + 5];
        framed[0] = compressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed, 5);
        return framed;
    }

    private static Google.Rpc.Status Details(Metadata trailers) =>
        Google.Rpc.Status.Parser.ParseFrom(trailers.GetValueBytes("grpc-status-details-bin"));

    private static async Task<RpcException> FailAsync(RunningReceiver running, ExportTraceServiceRequest request) =>
        await Assert.ThrowsAsync<RpcException>(async () =>
            await new TraceService.TraceServiceClient(running.Channel()).ExportAsync(request, cancellationToken: Token));
}
