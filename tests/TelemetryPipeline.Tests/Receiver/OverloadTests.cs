using System.Linq;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Grpc.Core;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Tests.Receiver;

/// <summary>
/// Scenario: forty clients send 300 KiB each at the same time, and the pipeline takes its time.
/// Guarantees: what is inside never exceeds max_in_flight_mib, requests that do not fit get a retryable answer and are
/// counted, and all bytes are returned. Room is given as bytes arrive, so requests that are refused half-way may have kept
/// others out: fewer than fit may be accepted.
/// </summary>
public sealed class OverloadTests
{
    private const int ClientCount = 40;
    private const int BodyBytes = 300 << 10;
    private const long LimitBytes = 2 << 20;
    private const int Fitting = (int)(LimitBytes / BodyBytes);

    // One span with a long name; all requests are of the same length.
    private static readonly ExportTraceServiceRequest Large = new()
    {
        ResourceSpans = { new ResourceSpans { ScopeSpans = { new ScopeSpans { Spans = { new Span { Name = new string('x', BodyBytes) } } } } } },
    };

    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Http_MoreThanFits_RefusesTheRestAndStaysBounded()
    {
        await using var running = await StartAsync();
        var client = running.Http();
        var calls = Enumerable.Range(0, ClientCount).Select(_ => PostAsync(client)).ToArray();
        await RefusalsAsync(running, "http");
        _release.SetResult();

        var responses = await Task.WhenAll(calls);

        Assert.InRange(responses.Count(static r => r.StatusCode == HttpStatusCode.OK), 1, Fitting);
        Assert.All(
            responses.Where(static r => r.StatusCode != HttpStatusCode.OK),
            static r => Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (r.StatusCode, r.Headers.RetryAfter is not null)));
        await AssertRoomIsBackAsync(running);
    }

    [Fact]
    public async Task Grpc_MoreThanFits_RefusesTheRestAndStaysBounded()
    {
        await using var running = await StartAsync();
        var calls = Enumerable.Range(0, ClientCount).Select(_ => ExportAsync(running)).ToArray();
        await RefusalsAsync(running, "grpc");
        _release.SetResult();

        var answers = await Task.WhenAll(calls);

        Assert.InRange(answers.Count(static code => code == StatusCode.OK), 1, Fitting);
        Assert.All(answers, static code => Assert.True(code is StatusCode.OK or StatusCode.Unavailable));
        await AssertRoomIsBackAsync(running);
    }

    private async Task<RunningReceiver> StartAsync()
    {
        var running = await RunningReceiver.StartAsync(
            grpc: "max_recv_msg_size_mib: 1", http: "max_request_body_size: 1048576", more: "max_in_flight_mib: 2");
        running.Sink.Answer = async (_, _) =>
        {
            await _release.Task;
            return ConsumeResult.Accepted;
        };
        return running;
    }

    // Everybody has been answered but those whose requests the pipeline holds.
    private static async Task RefusalsAsync(RunningReceiver running, string transport)
    {
        await running.UntilAsync(() =>
            !running.Sink.Batches.IsEmpty
            && running.Count(
                "otelcol_receiver_refusals", $"receiver=\"otlp\",transport=\"{transport}\",signal=\"traces\",reason=\"in_flight_bytes\"")
            == ClientCount - running.Sink.Batches.Count);
        Assert.InRange(running.InFlightBytes, running.Sink.Batches.Count * (long)BodyBytes, LimitBytes);
        Assert.InRange(running.Sink.Batches.Sum(static b => (long)b.Bytes.Length), 1, LimitBytes);
    }

    private static async Task AssertRoomIsBackAsync(RunningReceiver running)
    {
        await running.UntilAsync(() => running.InFlightBytes == 0);
        using var response = await PostAsync(running.Http());
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client)
    {
        var content = new ByteArrayContent(Large.ToByteArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        return await client.PostAsync("/v1/traces", content, Token);
    }

    private static async Task<StatusCode> ExportAsync(RunningReceiver running)
    {
        try
        {
            await new TraceService.TraceServiceClient(running.Channel()).ExportAsync(Large, cancellationToken: Token);
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }
}
