using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Tls;
using TelemetryPipeline.Receiver.Http;

namespace TelemetryPipeline.Receiver.Grpc;

/// <summary>The <c>protocols::grpc</c> section.</summary>
public sealed record GrpcServerConfig
{
    private const int BytesPerMib = 1024 * 1024;
    private const int DefaultMessageMib = 4;
    private const int DefaultStreams = 100;

    /// <summary>Where to listen. Default localhost:4317.</summary>
    public required ReceiverEndpoint Endpoint { get; init; }

    /// <summary>TLS; null, the default, for none.</summary>
    public TlsServerConfig? Tls { get; init; }

    /// <summary>Largest message, as sent and after decompression.</summary>
    /// <value>Bytes, set in MiB from 1 to 1024; 0 means the default, 4 MiB.</value>
    public int MaxMessageBytes { get; init; } = DefaultMessageMib * BytesPerMib;

    /// <summary>Requests that one connection may have open.</summary>
    /// <value>1 or more; 0 means the default, 100.</value>
    public int MaxConcurrentStreams { get; init; } = DefaultStreams;

    /// <summary>Bytes of a connection that are read ahead.</summary>
    /// <value>Bytes, 4096 or more. Default 512 KiB.</value>
    public int ReadBufferBytes { get; init; } = 512 * 1024;

    /// <summary>Bytes of a connection that wait to be sent before answers are held up.</summary>
    /// <value>Bytes, 4096 or more. Default 64 KiB.</value>
    public int WriteBufferBytes { get; init; } = 64 * 1024;

    /// <summary>When connections are pinged, and how long they live.</summary>
    public KeepaliveConfig Keepalive { get; init; } = new();

    /// <summary>Limit on reading a message. An option of ours, not of the Collector.</summary>
    /// <value>Duration; zero for none. Default 30 s.</value>
    public TimeSpan ReadTimeout { get; init; } = HttpServerConfig.DefaultReadTimeout;

    /// <summary>Whether request headers go with the batch.</summary>
    public bool IncludeMetadata { get; init; }

    internal static GrpcServerConfig? Read(ConfigSection section)
    {
        section.Unsupported("put a proxy that authenticates in front, or use tls with client_ca_file", "auth");
        section.Unsupported("requests are refused before they are decoded without it", "middlewares");
        var enabled = section.Bool("enabled", true);
        var mib = section.Int32("max_recv_msg_size_mib", 0, 0, 1024);
        var streams = section.Int32("max_concurrent_streams", 0, 0);
        var config = new GrpcServerConfig
        {
            Endpoint = ReceiverEndpoint.Read(section, 4317),
            Tls = TlsServerConfig.Read(section),
            MaxMessageBytes = (mib == 0 ? DefaultMessageMib : mib) * BytesPerMib,
            MaxConcurrentStreams = streams == 0 ? DefaultStreams : streams,
            ReadBufferBytes = section.Int32("read_buffer_size", 512 * 1024, 4096),
            WriteBufferBytes = section.Int32("write_buffer_size", 64 * 1024, 4096),
            Keepalive = KeepaliveConfig.Read(section),
            ReadTimeout = section.Duration("read_timeout", HttpServerConfig.DefaultReadTimeout),
            IncludeMetadata = section.Bool("include_metadata", false),
        };
        section.Finish();
        return enabled ? config : null;
    }
}
