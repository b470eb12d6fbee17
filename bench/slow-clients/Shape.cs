using System.Buffers.Binary;
using System.Text;

namespace SlowClients;

/// <summary>How the connections of one row behave.</summary>
/// <param name="Name">What the table says.</param>
/// <param name="Target">The listener: http, grpc, heatmap, health, metrics or zpages.</param>
/// <param name="Opening">What is sent once the connection is open.</param>
/// <param name="Drip">What is sent now and then afterwards.</param>
/// <param name="Reads">Whether answers are read.</param>
internal sealed record Shape(string Name, string Target, byte[] Opening, byte[] Drip, bool Reads = true)
{
    private const byte Data = 0, Headers = 1, Settings = 4;
    private const byte EndHeaders = 4, EndStream = 1;
    private const int StreamCount = 100;
    private const string Post = "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n";

    /// <summary>Every shape.</summary>
    /// <param name="request">An ordinary export request, for shapes that complete one.</param>
    public static Shape[] All(byte[] request)
    {
        byte[] message = [0, 0, 0, 0, 0, .. request];
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), request.Length);
        byte[] call = [.. Frame(Headers, EndHeaders, 1, CallHeaders()), .. Frame(Data, EndStream, 1, message)];
        var started = new List<byte>();
        for (var stream = 1; stream < 2 * StreamCount; stream += 2)
        {
            started.AddRange(Frame(Headers, EndHeaders, stream, CallHeaders()));
        }

        return
        [
            new("no client (baseline)", "none", [], []),
            new("silent", "http", [], []),
            new("header byte by byte", "http", Text(Post + "X-Slow: "), Text("a")),
            new("body byte by byte, 8 MiB announced", "http", Text(Post + "Content-Length: 8388608\r\n\r\n"), Text("a")),
            new("chunked body byte by byte", "http", Text(Post + "Transfer-Encoding: chunked\r\n\r\n"), Text("1\r\na\r\n")),
            new("idle after a request", "http", [.. Text(Post + $"Content-Length: {request.Length}\r\n\r\n"), .. request], []),
            new("answers not read", "http", [.. Text(Post + $"Content-Length: {request.Length}\r\n\r\n"), .. request],
                Text("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), Reads: false),
            new("HTTP/2 preface byte by byte", "http", Text("PRI"), []),
            new("gRPC: SETTINGS only", "grpc", Preface(windowBytes: 65535), []),
            new("gRPC: 100 streams without data", "grpc", [.. Preface(windowBytes: 65535), .. started], []),
            new("gRPC: message byte by byte", "grpc",
                [.. Preface(windowBytes: 65535), .. Frame(Headers, EndHeaders, 1, CallHeaders()), .. Frame(Data, 0, 1, [0, 0, 0x3f, 0, 0])],
                Frame(Data, 0, 1, "a"u8)),
            new("gRPC: window of 0 for answers", "grpc", [.. Preface(windowBytes: 0), .. call], []),
            new("gRPC: answers not read", "grpc", [.. Preface(windowBytes: 65535), .. call], Frame(6, 0, 0, new byte[8]), Reads: false),
            new("live stream of the heat map, not read", "heatmap", Page("/api/heatmap/stream"), [], Reads: false),
            new("heat map cells, not read", "heatmap", Page("/api/heatmap/cells"), Page("/api/heatmap/cells"), Reads: false),
            new("health page: header byte by byte", "health", Text("GET / HTTP/1.1\r\nX-Slow: "), Text("a")),
            new("health page: answers not read", "health", Page("/"), Page("/"), Reads: false),
            new("metrics page: answers not read", "metrics", Page("/metrics"), Page("/metrics"), Reads: false),
            new("zpages: answers not read", "zpages", Page("/debug/pipelinez"), Page("/debug/pipelinez"), Reads: false),
        ];
    }

    private static byte[] Text(string text) => Encoding.ASCII.GetBytes(text);

    private static byte[] Page(string path) => Text($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");

    private static byte[] Preface(int windowBytes)
    {
        var settings = new byte[6];
        settings[1] = 4;
        BinaryPrimitives.WriteInt32BigEndian(settings.AsSpan(2), windowBytes);
        return [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, settings)];
    }

    private static byte[] Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> content)
    {
        var frame = new byte[9 + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, content.Length << 8);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        content.CopyTo(frame.AsSpan(9));
        return frame;
    }

    // RFC 7541, 6.2.2: literals without indexing, with new names and without Huffman coding.
    private static byte[] CallHeaders()
    {
        var block = new List<byte>();
        foreach (var (name, value) in (ReadOnlySpan<(string, string)>)
        [
            (":method", "POST"), (":scheme", "http"), (":path", HonestClient.GrpcPath), (":authority", "localhost"),
            ("content-type", "application/grpc"), ("te", "trailers"),
        ])
        {
            block.Add(0);
            block.Add((byte)name.Length);
            block.AddRange(Text(name));
            block.Add((byte)value.Length);
            block.AddRange(Text(value));
        }

        return [.. block];
    }
}
