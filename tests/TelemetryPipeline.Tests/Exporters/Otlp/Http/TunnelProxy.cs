using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TelemetryPipeline.Tests.Exporters.Otlp.Http;

/// <summary>A proxy that tunnels (CONNECT) to one port of this machine, whatever name it is asked for.</summary>
internal sealed class TunnelProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;
    private readonly int _target;

    public TunnelProxy(int target)
    {
        _target = target;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>The first lines of what it was asked.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var tunnels = new List<Task>();
        try
        {
            while (true)
            {
                tunnels.Add(TunnelAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(tunnels);
        }
    }

    private async Task TunnelAsync(TcpClient client)
    {
        using var from = client;
        using var to = new TcpClient();
        try
        {
            var head = new StringBuilder();
            var one = new byte[1];
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                await from.GetStream().ReadExactlyAsync(one, _end.Token);
                head.Append((char)one[0]);
            }

            Requests.Enqueue(head.ToString().Split("\r\n")[0]);
            await to.ConnectAsync(IPAddress.Loopback, _target, _end.Token);
            await from.GetStream().WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), _end.Token);
            await Task.WhenAny(
                from.GetStream().CopyToAsync(to.GetStream(), _end.Token), to.GetStream().CopyToAsync(from.GetStream(), _end.Token));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client or the test ended first.
        }
    }
}
