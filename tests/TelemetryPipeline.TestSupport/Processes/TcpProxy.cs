using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace TelemetryPipeline.TestSupport.Processes;

/// <summary>
/// Stands between a client and a server on the loopback interface, and can do what networks do: swallow what is sent
/// without a word, cut connections, and take its time.
/// </summary>
public sealed class TcpProxy : IAsyncDisposable
{
    private const int BufferBytes = 64 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<TcpClient, byte> _sockets = [];
    private readonly Task _accepting;
    private volatile bool _swallows;
    private long _answerDelayMs;

    /// <summary>Begins to listen.</summary>
    /// <param name="target">Port of the server.</param>
    public TcpProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Its own port.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How long it keeps what the server answers.</summary>
    public TimeSpan AnswerDelay
    {
        get => TimeSpan.FromMilliseconds(Interlocked.Read(ref _answerDelayMs));
        set => Interlocked.Exchange(ref _answerDelayMs, (long)value.TotalMilliseconds);
    }

    /// <summary>Swallows everything in both directions from now on; connections stay open and new ones are taken.</summary>
    public void Swallow() => _swallows = true;

    /// <summary>Passes on again. Connections that have lost something are cut, since what follows would make no sense.</summary>
    public void Restore()
    {
        CutConnections();
        _swallows = false;
    }

    /// <summary>Cuts all connections.</summary>
    public void CutConnections()
    {
        foreach (var socket in _sockets.Keys)
        {
            socket.Close();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        CutConnections();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            var client = await _listener.AcceptTcpClientAsync(_end.Token);
            _ = ConnectAsync(client);
        }
    }

    private async Task ConnectAsync(TcpClient client)
    {
        using var server = new TcpClient();
        try
        {
            client.NoDelay = true;
            server.NoDelay = true;
            _sockets[client] = 0;
            await server.ConnectAsync(IPAddress.Loopback, _target, _end.Token);
            _sockets[server] = 0;
            await Task.WhenAny(PassAsync(client, server, isAnswer: false), PassAsync(server, client, isAnswer: true));
        }
        catch (Exception e) when (IsEnd(e))
        {
            // One side went away: so does the other.
        }
        finally
        {
            _sockets.TryRemove(client, out _);
            _sockets.TryRemove(server, out _);
            client.Dispose();
        }
    }

    private async Task PassAsync(TcpClient from, TcpClient to, bool isAnswer)
    {
        var waiting = new ConcurrentQueue<(long Due, byte[] Bytes)>();
        using var arrived = new SemaphoreSlim(0);
        var sending = SendAsync(to, waiting, arrived);
        try
        {
            var buffer = new byte[BufferBytes];
            while (await from.GetStream().ReadAsync(buffer, _end.Token) is var length and > 0)
            {
                if (!_swallows)
                {
                    var delayMs = isAnswer ? Interlocked.Read(ref _answerDelayMs) : 0;
                    waiting.Enqueue((Environment.TickCount64 + delayMs, buffer[..length]));
                    arrived.Release();
                }
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // Ends the other direction too.
        }

        waiting.Enqueue((0, []));
        arrived.Release();
        await sending;
    }

    // Delays without holding up what comes after: only order is kept.
    private async Task SendAsync(TcpClient to, ConcurrentQueue<(long Due, byte[] Bytes)> waiting, SemaphoreSlim arrived)
    {
        try
        {
            while (true)
            {
                await arrived.WaitAsync(_end.Token);
                waiting.TryDequeue(out var next);
                if (next.Bytes.Length == 0)
                {
                    return;
                }

                if (next.Due - Environment.TickCount64 is var wait and > 0)
                {
                    await Task.Delay((int)wait, _end.Token);
                }

                await to.GetStream().WriteAsync(next.Bytes, _end.Token);
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            to.Close();
        }
    }

    private static bool IsEnd(Exception e) =>
        e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;
}
