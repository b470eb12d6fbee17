using System.Linq;
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry.Proto.Collector.Trace.V1;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Receiver.Grpc;

/// <summary>What a connection sees beside the answers to its calls.</summary>
public sealed class GrpcConnectionTests
{
    private const string TraceExport = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    [Fact]
    public async Task Stop_ConnectionOpen_SendsGoAwayAndEndsIt()
    {
        var running = await RunningReceiver.StartAsync();
        using var peer = await Http2Peer.ConnectAsync(running.Receiver.GrpcEndPoint!);

        var stop = running.DisposeAsync();

        Assert.True(await peer.ReachesAsync(Http2Peer.GoAway));
        await peer.EndsAsync();
        await stop;
    }

    [Fact]
    public async Task Keepalive_SilentConnection_IsPingedAndThenClosed()
    {
        await using var running = await RunningReceiver.StartAsync(
            grpc: "keepalive: {server_parameters: {time: 1s, timeout: 1s}}");
        using var peer = await Http2Peer.ConnectAsync(running.Receiver.GrpcEndPoint!);

        Assert.True(await peer.ReachesAsync(Http2Peer.Ping));
        await peer.EndsAsync();
    }

    [Fact]
    public async Task MaxConnectionAge_Reached_AsksTheConnectionToEnd()
    {
        var time = new FakeTimeProvider();
        await using var running = await RunningReceiver.StartAsync(
            grpc: "keepalive: {server_parameters: {max_connection_age: 60s}}", time: time);
        using var peer = await Http2Peer.ConnectAsync(running.Receiver.GrpcEndPoint!);

        time.Advance(TimeSpan.FromSeconds(60));

        Assert.True(await peer.ReachesAsync(Http2Peer.GoAway));
        await peer.EndsAsync();
    }

    [Fact]
    public async Task MaxConnectionAgeGrace_CallStillOpen_CutsTheConnection()
    {
        var time = new FakeTimeProvider();
        await using var running = await RunningReceiver.StartAsync(
            grpc: "keepalive: {server_parameters: {max_connection_age: 60s, max_connection_age_grace: 5s}}", time: time);
        using var peer = await Http2Peer.ConnectAsync(running.Receiver.GrpcEndPoint!);
        await peer.CallAsync(1, TraceExport);
        await running.UntilAsync(() => running.Sink.AskedCount == 1);

        time.Advance(TimeSpan.FromSeconds(60));
        Assert.True(await peer.ReachesAsync(Http2Peer.GoAway));
        time.Advance(TimeSpan.FromSeconds(5));

        await peer.EndsAsync();
    }

    // Scenario: a client dies, or gives a call up, when the server has read a part of its message and waits for the rest.
    // Guarantees: nothing is handed on, the bytes go back to the budget, it is counted, and others are served.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Export_AbortedInTheMiddleOfTheBody_GivesItsBytesBack(bool cut)
    {
        await using var running = await RunningReceiver.StartAsync();
        using var peer = await Http2Peer.ConnectAsync(running.Receiver.GrpcEndPoint!);
        await peer.CallAsync(1, TraceExport);
        await peer.SendAsync(Http2Peer.Data, 0, 1, [0, 0, 0, 0x40, 0, 1, 2, 3]);
        await running.UntilAsync(() => running.InFlightBytes > 0);

        if (cut)
        {
            peer.Cut();
        }
        else
        {
            await peer.SendAsync(Http2Peer.Reset, 0, 1, [0, 0, 0, 8]);
        }

        await running.UntilAsync(() => running.InFlightBytes == 0
            && running.Count("otelcol_receiver_refusals", "receiver=\"otlp\",transport=\"grpc\",signal=\"traces\",reason=\"aborted\"") == 1);
        Assert.Empty(running.Sink.Batches);
        var request = new TransferTraces().FromOneService(1);
        await new TraceService.TraceServiceClient(running.Channel())
            .ExportAsync(request, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(request.ToByteArray(), running.Sink.Batches.Single().Bytes);
    }
}
