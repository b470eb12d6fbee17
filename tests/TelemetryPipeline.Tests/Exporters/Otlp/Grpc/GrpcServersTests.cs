using System.Globalization;
using System.Linq;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using TelemetryPipeline.Exporters.Otlp.Grpc;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.TestSupport;
using TelemetryPipeline.Tests.Pipeline.Sending;

namespace TelemetryPipeline.Tests.Exporters.Otlp.Grpc;

/// <summary>A name with several addresses, with servers that come and go.</summary>
public sealed class GrpcServersTests
{
    private static readonly IPAddress[] Addresses = [IPAddress.Parse("127.0.0.1"), IPAddress.Parse("127.0.0.2"), IPAddress.Parse("127.0.0.3")];

    // Nobody listens there.
    private static readonly IPAddress Elsewhere = IPAddress.Parse("127.0.0.99");

    private readonly TimeThatTells _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_SeveralServers_GetsEachItsShareAndPassesOverTheOneThatDies()
    {
        var servers = await StartAsync();
        using var sender = Sender(servers[0].Port, "", () => Addresses);
        for (var i = 0; i < 9; i++)
        {
            Assert.True((await SendAsync(sender)).IsAccepted);
        }

        Assert.Equal([3, 3, 3], servers.Select(static server => server.Requests.Count));
        await servers[1].DisposeAsync();
        for (var i = 0; i < 12; i++)
        {
            var result = await SendAsync(sender);

            // The first to meet the dead server may have been on its connection already: it is told to come again.
            Assert.True(result.IsAccepted || (i < 3 && result.Outcome == ConsumeOutcome.Retry), result.Message);
        }

        Assert.Equal(3, servers[1].Requests.Count);
        Assert.True(servers[0].Requests.Count + servers[2].Requests.Count >= 6 + 9);
        await servers[0].DisposeAsync();
        await servers[2].DisposeAsync();
    }

    [Fact]
    public async Task Send_WaitForReady_WaitsUntilThereIsAServer()
    {
        var servers = await StartAsync();
        var addresses = new[] { Elsewhere };
        using var sender = Sender(servers[0].Port, ", wait_for_ready: true", () => addresses);
        var sending = SendAsync(sender);
        await Until.TrueAsync(() => _time.WaitCount > 0);
        Assert.False(sending.IsCompleted);

        addresses = [Addresses[0]];
        _time.Advance(GrpcConnections.ResolveInterval);

        Assert.True((await sending).IsAccepted);
        Assert.Single(servers[0].Requests);
        await DisposeAsync(servers);
    }

    [Fact]
    public async Task Send_WaitForReadyAndNoServer_EndsWithTheAttempt()
    {
        var servers = await StartAsync();
        using var sender = Sender(servers[0].Port, ", wait_for_ready: true", static () => [Elsewhere]);
        using var attempt = new CancellationTokenSource();
        using var batch = Batches.Traces();
        var sending = sender.SendAsync(batch, attempt.Token).AsTask();
        await Until.TrueAsync(() => _time.WaitCount > 0);

        await attempt.CancelAsync();

        Assert.Equal((ConsumeOutcome.Retry, "timeout"), ((await sending).Outcome, (await sending).Reason));
        await DisposeAsync(servers);
    }

    [Fact]
    public async Task Send_NoServer_AsksForARetryAtOnce()
    {
        var servers = await StartAsync();
        using var sender = Sender(servers[0].Port, "", static () => [Elsewhere]);

        var result = await SendAsync(sender);

        Assert.Equal((ConsumeOutcome.Retry, "connection_refused"), (result.Outcome, result.Reason));
        await DisposeAsync(servers);
    }

    private static async Task<ScriptedServer[]> StartAsync()
    {
        var servers = await ScriptedServer.StartFleetAsync(HttpProtocols.Http2, Addresses);
        Array.ForEach(servers, static server => server.Answer = GrpcReplies.Ok());
        return servers;
    }

    private static async Task DisposeAsync(ScriptedServer[] servers)
    {
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
    }

    private static async Task<ConsumeResult> SendAsync(OtlpGrpcSender sender)
    {
        using var batch = Batches.Traces();
        return await sender.SendAsync(batch, Cancel);
    }

    private OtlpGrpcSender Sender(int port, string more, Func<IPAddress[]> resolve)
    {
        var config = ExporterHarness.Config<OtlpGrpcConfig>(
            new OtlpGrpcFactory(),
            string.Create(CultureInfo.InvariantCulture, $"{{endpoint: 'collectors.example:{port}', tls: {{insecure: true}}{more}}}"));
        var harness = new ExporterHarness { Time = _time };
        return new OtlpGrpcSender(harness.Context("otlp_grpc"), config, (_, _) => Task.FromResult(resolve()));
    }
}
