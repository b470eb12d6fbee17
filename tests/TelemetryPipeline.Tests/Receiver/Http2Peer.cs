using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace TelemetryPipeline.Tests.Receiver;

/// <summary>A client that speaks HTTP/2 frame by frame, as RFC 9113 has them, to see and to send what libraries hide.</summary>
internal sealed class Http2Peer : IDisposable
{
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Reset = 3;
    public const byte Settings = 4;
    public const byte Ping = 6;
    public const byte GoAway = 7;
    private const byte Acknowledged = 1;
    private const byte EndOfHeaders = 4;
    private const int FrameHeaderLength = 9;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    private Http2Peer(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Connects, and returns when the server has sent its settings: it knows the connection then.</summary>
    public static async Task<Http2Peer> ConnectAsync(EndPoint endPoint)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endPoint, TestContext.Current.CancellationToken);
        var peer = new Http2Peer(socket);
        await peer._stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        await peer.SendAsync(Settings, 0, 0, []);
        Assert.True(await peer.ReachesAsync(Settings));
        await peer.SendAsync(Settings, Acknowledged, 0, []);
        return peer;
    }

    /// <summary>Begins a gRPC call on a stream and leaves its body open.</summary>
    public Task CallAsync(int stream, string path)
    {
        var block = new List<byte>();
        Field(":method", "POST");
        Field(":scheme", "http");
        Field(":path", path);
        Field(":authority", "localhost");
        Field("content-type", "application/grpc");
        Field("te", "trailers");
        return SendAsync(Headers, EndOfHeaders, stream, [.. block]);

        // RFC 7541, 6.2.2: a literal field without indexing and with a new name.
        void Field(string name, string value)
        {
            block.Add(0);
            block.Add((byte)name.Length);
            block.AddRange(Encoding.ASCII.GetBytes(name));
            block.Add((byte)value.Length);
            block.AddRange(Encoding.ASCII.GetBytes(value));
        }
    }

    public async Task SendAsync(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[FrameHeaderLength + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)payload.Length << 8 | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, FrameHeaderLength);
        await _stream.WriteAsync(frame);
    }

    /// <summary>Reads until a frame of a type that is no acknowledgement comes; false when the server ends the connection first.</summary>
    public async Task<bool> ReachesAsync(byte type)
    {
        using var limit = new CancellationTokenSource(Patience);
        var header = new byte[FrameHeaderLength];
        try
        {
            while (true)
            {
                await _stream.ReadExactlyAsync(header, limit.Token);
                var length = (int)(BinaryPrimitives.ReadUInt32BigEndian(header) >> 8);
                await _stream.ReadExactlyAsync(new byte[length], limit.Token);
                if (header[3] == type && (header[4] & Acknowledged) == 0)
                {
                    return true;
                }
            }
        }
        catch (Exception e) when (e is EndOfStreamException or IOException)
        {
            return false;
        }
    }

    /// <summary>Reads until the server ends the connection.</summary>
    public async Task EndsAsync() => Assert.False(await ReachesAsync(byte.MaxValue));

    /// <summary>Ends the connection as a process does that is killed.</summary>
    public void Cut()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _stream.Dispose();
    }

    public void Dispose() => _stream.Dispose();
}
