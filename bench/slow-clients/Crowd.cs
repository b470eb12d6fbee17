using System.Linq;
using System.Net;
using System.Net.Sockets;

namespace SlowClients;

/// <summary>
/// Many connections of one shape, kept open by one loop. What the collector closes is opened again in the next round, so
/// the pressure stays as long as the measurement.
/// </summary>
internal sealed class Crowd(Shape shape, int port, int count)
{
    // Each connection gets its turn once in a round.
    private const int TurnsPerRound = 40;
    private static readonly TimeSpan TurnInterval = TimeSpan.FromMilliseconds(50);

    private readonly Socket?[] _sockets = new Socket?[count];
    private readonly bool[] _isOpen = new bool[count];
    private readonly byte[] _sink = new byte[16 * 1024];

    /// <summary>Connections that were opened, those opened again included.</summary>
    public int OpenedCount { get; private set; }

    /// <summary>Attempts that failed.</summary>
    public int FailedCount { get; private set; }

    /// <summary>Connections that stand now.</summary>
    public int OpenCount => _isOpen.Count(static open => open);

    /// <summary>Connections that stood for a round at least once at the same time.</summary>
    public int PeakCount { get; private set; }

    /// <summary>Opens the connections and keeps them until the end.</summary>
    public async Task RunAsync(CancellationToken end)
    {
        using var timer = new PeriodicTimer(TurnInterval);
        try
        {
            for (var turn = 0; await timer.WaitForNextTickAsync(end); turn = (turn + 1) % TurnsPerRound)
            {
                for (var i = turn; i < count; i += TurnsPerRound)
                {
                    if (_isOpen[i] && !IsAlive(_sockets[i]!))
                    {
                        Close(i);
                    }

                    if (_sockets[i] is null)
                    {
                        await OpenAsync(i, end);
                    }
                }

                PeakCount = Math.Max(PeakCount, OpenCount);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            for (var i = 0; i < count; i++)
            {
                // What has been closed meanwhile does not count as open.
                _isOpen[i] = _isOpen[i] && IsAlive(_sockets[i]!);
            }
        }
    }

    private async Task OpenAsync(int i, CancellationToken end)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (!shape.Reads)
            {
                socket.ReceiveBufferSize = 4096;
            }

            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), end);
            socket.Blocking = false;
            _ = socket.Send(shape.Opening, SocketFlags.None, out _);
            _sockets[i] = socket;
            _isOpen[i] = true;
            OpenedCount++;
        }
        catch (SocketException)
        {
            FailedCount++;
            socket.Dispose();
        }
    }

    private void Close(int i)
    {
        _sockets[i]!.Dispose();
        _sockets[i] = null;
        _isOpen[i] = false;
    }

    /// <summary>Sends the next bytes, reads what there is, and finds out whether the other side has closed.</summary>
    private bool IsAlive(Socket socket)
    {
        if (shape.Drip.Length > 0)
        {
            _ = socket.Send(shape.Drip, SocketFlags.None, out var sent);
            if (sent is not (SocketError.Success or SocketError.WouldBlock))
            {
                return false;
            }
        }

        var flags = shape.Reads ? SocketFlags.None : SocketFlags.Peek;
        var length = socket.Receive(_sink, flags, out var received);
        return received == SocketError.WouldBlock || (received == SocketError.Success && length > 0);
    }
}
