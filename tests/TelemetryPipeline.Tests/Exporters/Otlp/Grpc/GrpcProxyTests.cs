using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using TelemetryPipeline.Exporters.Otlp.Grpc;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Proxies;

namespace TelemetryPipeline.Tests.Exporters.Otlp.Grpc;

public sealed class GrpcProxyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_ProxyInTheEnvironment_TunnelsThroughIt()
    {
        await using var server = await ScriptedServer.StartAsync(HttpProtocols.Http2);
        server.Answer = GrpcReplies.Ok();
        using var proxy = new ConnectProxy(server.Port, "HTTP/1.1 200 Connection established");
        using var sender = Sender("ledger.bank.example:4317", $"http://bank:p%40ss@127.0.0.1:{proxy.Port}", "10.0.0.0/8");
        using var batch = Batches.Traces();

        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);

        Assert.True(proxy.Requests.TryDequeue(out var request));
        Assert.StartsWith("CONNECT ledger.bank.example:4317 HTTP/1.1\r\nHost: ledger.bank.example:4317\r\n", request, StringComparison.Ordinal);
        Assert.Contains($"Proxy-Authorization: Basic {Convert.ToBase64String("bank:p@ss"u8)}\r\n", request, StringComparison.Ordinal);
        Assert.Equal("ledger.bank.example:4317", server.Last.Host);
    }

    [Fact]
    public async Task Send_HostIsInNoProxy_GoesDirectly()
    {
        await using var server = await ScriptedServer.StartAsync(HttpProtocols.Http2);
        server.Answer = GrpcReplies.Ok();
        using var proxy = new ConnectProxy(server.Port, "HTTP/1.1 200 OK");
        using var sender = Sender($"127.0.0.1:{server.Port}", $"http://127.0.0.1:{proxy.Port}", "");
        using var batch = Batches.Traces();

        Assert.True((await sender.SendAsync(batch, Cancel)).IsAccepted);

        Assert.Empty(proxy.Requests);
    }

    [Fact]
    public async Task Send_ProxyRefuses_IsToBeRetried()
    {
        using var proxy = new ConnectProxy(1, "HTTP/1.1 403 Forbidden");
        using var sender = Sender("ledger.bank.example:4317", $"127.0.0.1:{proxy.Port}", "");
        using var batch = Batches.Traces();

        var result = await sender.SendAsync(batch, Cancel);

        Assert.Equal(ConsumeOutcome.Retry, result.Outcome);
        Assert.Contains("403 Forbidden", result.Message, StringComparison.Ordinal);
    }

    private static OtlpGrpcSender Sender(string endpoint, string proxy, string noProxy) => new(
        new ExporterHarness().Context("otlp_grpc"),
        ExporterHarness.Config<OtlpGrpcConfig>(new OtlpGrpcFactory(), $"{{endpoint: '{endpoint}', tls: {{insecure: true}}}}"),
        proxies: new EnvironmentProxy(name => name switch
        {
            "HTTPS_PROXY" => proxy,
            "NO_PROXY" => noProxy,
            _ => null,
        }));

    /// <summary>A proxy that keeps what it is asked for and connects to the test's server, whatever the name.</summary>
    private sealed class ConnectProxy : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();

        public ConnectProxy(int serverPort, string status)
        {
            _listener.Start();
            _ = AcceptAsync(serverPort, status);
        }

        public ConcurrentQueue<string> Requests { get; } = new();

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose()
        {
            _stop.Cancel();
            _listener.Dispose();
            _stop.Dispose();
        }

        private async Task AcceptAsync(int serverPort, string status)
        {
            try
            {
                while (true)
                {
                    _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token), serverPort, status, _stop.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task ServeAsync(TcpClient client, int serverPort, string status, CancellationToken stop)
        {
            using var own = client;
            using var server = new TcpClient();
            try
            {
                var stream = client.GetStream();
                var buffer = new byte[4096];
                var text = "";
                while (!text.EndsWith("\r\n\r\n", StringComparison.Ordinal))
                {
                    text += Encoding.Latin1.GetString(buffer, 0, await stream.ReadAsync(buffer, stop));
                }

                Requests.Enqueue(text);
                if (!status.Contains(" 200 ", StringComparison.Ordinal))
                {
                    await stream.WriteAsync(Encoding.ASCII.GetBytes($"{status}\r\nContent-Length: 0\r\n\r\n"), stop);
                    return;
                }

                await server.ConnectAsync(IPAddress.Loopback, serverPort, stop);
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"{status}\r\nVia: test\r\n\r\n"), stop);
                await Task.WhenAny(stream.CopyToAsync(server.GetStream(), stop), server.GetStream().CopyToAsync(stream, stop));
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
            {
                // The test is over.
            }
        }
    }
}
