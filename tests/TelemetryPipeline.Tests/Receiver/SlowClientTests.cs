using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry.Proto.Collector.Trace.V1;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Receiver;

/// <summary>
/// Scenario: clients announce bodies and do not send them, send them a byte at a time, or never complete a request.
/// Guarantees: requests of other clients are accepted all the same, and what a slow client held is returned.
/// </summary>
public sealed class SlowClientTests
{
    private const int ClientCount = 40;
    private const string TraceExport = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    private const string Head = "POST /v1/traces HTTP/1.1\r\nHost: bank\r\nContent-Type: application/x-protobuf\r\n";
    private static readonly ExportTraceServiceRequest Spans = new TransferTraces().FromOneService(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("POST /v1/traces HT")]
    [InlineData(Head)]
    [InlineData(Head + "Content-Length: 20000000\r\n\r\n")]
    [InlineData(Head + "Content-Length: 20000000\r\n\r\nx")]
    [InlineData(Head + "Transfer-Encoding: chunked\r\n\r\n5\r\nab")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    public async Task Export_ManySlowClients_IsAccepted(string sent)
    {
        await using var running = await RunningReceiver.StartAsync();
        var slow = new List<TcpClient>();
        try
        {
            for (var i = 0; i < ClientCount; i++)
            {
                slow.Add(await ConnectAsync(running, sent));
            }

            await running.UntilAsync(() => running.Connections >= ClientCount);
            for (var i = 0; i < 10; i++)
            {
                await AssertAcceptedAsync(running);
            }
        }
        finally
        {
            slow.ForEach(static client => client.Dispose());
        }

        await running.UntilAsync(() => running.InFlightBytes == 0);
    }

    [Fact]
    public async Task Connect_AtMaxConnections_ReplacesIdleOnes()
    {
        await using var running = await RunningReceiver.StartAsync(more: "max_connections: 8");
        var idle = new List<TcpClient>();
        for (var i = 0; i < ClientCount; i++)
        {
            idle.Add(await ConnectAsync(running, ""));
        }

        await AssertAcceptedAsync(running);
        await running.UntilAsync(() => running.Connections <= 16);
        idle.ForEach(static client => client.Dispose());
    }

    /// <summary>Each connection has a request whose body does not arrive: none is idle.</summary>
    [Fact]
    public async Task Connect_AtMaxConnectionsOfStalledBodies_ReplacesOne()
    {
        const int Limit = 8;
        var time = new FakeTimeProvider();
        await using var running = await RunningReceiver.StartAsync(more: $"max_connections: {Limit}", time: time);
        var stalled = new List<TcpClient>();
        for (var i = 0; i < Limit; i++)
        {
            stalled.Add(await ConnectAsync(running, Head + "Content-Length: 100000\r\n\r\nx"));
        }

        await running.UntilAsync(() => running.InFlightBytes == Limit);
        time.Advance(TimeSpan.FromSeconds(1));

        await AssertAcceptedAsync(running);
        stalled.ForEach(static client => client.Dispose());
    }

    [Fact]
    public async Task Post_BelowTheMinimumRate_IsGivenUp()
    {
        var time = new FakeTimeProvider();
        await using var running = await RunningReceiver.StartAsync(http: "read_timeout: 0", time: time);
        using var slow = await ConnectAsync(running, Head + "Content-Length: 100000\r\n\r\nxyz");
        await running.UntilAsync(() => running.InFlightBytes > 0);

        for (var i = 0; i < 4; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(running.InFlightBytes > 0);
        await AdvanceUntilAsync(running, time, () => TimedOut(running, "http") == 1);
        await running.UntilAsync(() => running.InFlightBytes == 0);
    }

    [Fact]
    public async Task Export_MessageThatStalls_IsGivenUp()
    {
        var time = new FakeTimeProvider();
        await using var running = await RunningReceiver.StartAsync(grpc: "read_timeout: 2s", time: time);
        using var peer = await Http2Peer.ConnectAsync(running.Receiver.GrpcEndPoint!);
        await peer.CallAsync(1, TraceExport);
        await peer.SendAsync(Http2Peer.Data, 0, 1, [0, 0, 0, 1, 0, 1, 2, 3]);
        await running.UntilAsync(() => running.InFlightBytes > 0);

        await AdvanceUntilAsync(running, time, () => TimedOut(running, "grpc") == 1);
        await running.UntilAsync(() => running.InFlightBytes == 0);
    }

    /// <summary>Four clients send all but the last byte of bodies that together fill the budget, and stall.</summary>
    [Fact]
    public async Task Post_BudgetFullOfStalledBodies_GivesThemUp()
    {
        var time = new FakeTimeProvider();
        await using var running = await RunningReceiver.StartAsync(
            http: "max_request_body_size: 1000000", grpc: "max_recv_msg_size_mib: 1", more: "max_in_flight_mib: 1", time: time);
        var stalled = new List<TcpClient>();
        for (var i = 0; i < 4; i++)
        {
            stalled.Add(await ConnectAsync(running, Head + "Content-Length: 250000\r\n\r\n" + new string('x', 249_999)));
        }

        await running.UntilAsync(() => running.InFlightBytes == 1_000_000);

        // gRPC has a budget of its own.
        await new TraceService.TraceServiceClient(running.Channel()).ExportAsync(Spans, cancellationToken: Token);
        await AdvanceUntilAsync(running, time, () => running.InFlightBytes == 0);
        await AssertAcceptedAsync(running);
        stalled.ForEach(static client => client.Dispose());
    }

    private static async Task AdvanceUntilAsync(RunningReceiver running, FakeTimeProvider time, Func<bool> condition) =>
        await running.UntilAsync(() =>
        {
            if (condition())
            {
                return true;
            }

            time.Advance(TimeSpan.FromSeconds(1));
            return false;
        });

    private static long TimedOut(RunningReceiver running, string transport) => running.Count(
        "otelcol_receiver_refusals", $"receiver=\"otlp\",transport=\"{transport}\",signal=\"traces\",reason=\"timed_out\"");

    private static async Task AssertAcceptedAsync(RunningReceiver running)
    {
        using var content = new ByteArrayContent(Spans.ToByteArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        using var response = await running.Http().PostAsync("/v1/traces", content, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<TcpClient> ConnectAsync(RunningReceiver running, string send)
    {
        var client = new TcpClient();
        await client.ConnectAsync(running.Receiver.HttpEndPoint!, Token);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(send), Token);
        return client;
    }
}
