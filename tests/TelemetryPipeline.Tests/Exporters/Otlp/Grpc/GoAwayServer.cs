using System.Net;
using System.Net.Sockets;

namespace TelemetryPipeline.Tests.Exporters.Otlp.Grpc;

/// <summary>Speaks just enough HTTP/2 to turn every connection away with GOAWAY.</summary>
internal sealed class GoAwayServer : IAsyncDisposable
{
    // An empty SETTINGS frame, then GOAWAY: last stream 0, ENHANCE_YOUR_CALM.
    private static readonly byte[] Frames =
    [
        0, 0, 0, 4, 0, 0, 0, 0, 0,
        0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11,
    ];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private Task _serving = Task.CompletedTask;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public static GoAwayServer Start()
    {
        var server = new GoAwayServer();
        server._listener.Start();
        server._serving = server.ServeAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                try
                {
                    var stream = client.GetStream();
                    await stream.ReadExactlyAsync(new byte[24]);
                    await stream.WriteAsync(Frames);
                    client.Client.Shutdown(SocketShutdown.Send);
                    while (await stream.ReadAsync(new byte[4096]) > 0)
                    {
                    }
                }
                catch (IOException)
                {
                    // The client hung up first.
                }
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            // Stopped, while accepting or between two connections.
        }
    }
}
