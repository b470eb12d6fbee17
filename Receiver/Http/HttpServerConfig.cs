using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Tls;
using TelemetryPipeline.Receiver.Decompression;

namespace TelemetryPipeline.Receiver.Http;

/// <summary>The <c>protocols::http</c> section.</summary>
public sealed record HttpServerConfig
{
    /// <summary>20 MiB, the Collector's default.</summary>
    public const int DefaultMaxBodyBytes = 20 * 1024 * 1024;

    /// <summary>30 s, for gRPC as well.</summary>
    internal static readonly TimeSpan DefaultReadTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan DefaultIdleTimeout = TimeSpan.FromMinutes(1);

    /// <summary>Where to listen. Default localhost:4318.</summary>
    public required ReceiverEndpoint Endpoint { get; init; }

    /// <summary>TLS; null, the default, for none.</summary>
    public TlsServerConfig? Tls { get; init; }

    /// <summary>URL paths, indexed by <see cref="Signal"/>. Default /v1/traces, /v1/metrics, /v1/logs.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>Cross-origin requests; null, the default, for none.</summary>
    public CorsConfig? Cors { get; init; }

    /// <summary>Largest body, as sent and after decompression.</summary>
    /// <value>Bytes; 0 means the default, 20 MiB.</value>
    public int MaxBodyBytes { get; init; } = DefaultMaxBodyBytes;

    /// <summary>Whether request headers go with the batch.</summary>
    public bool IncludeMetadata { get; init; }

    /// <summary>Headers of every answer.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ResponseHeaders { get; init; } = [];

    /// <summary>Limit on reading a body.</summary>
    /// <value>Duration; zero for none. Default 30 s, where the Collector has none.</value>
    public TimeSpan ReadTimeout { get; init; } = DefaultReadTimeout;

    /// <summary>Limit on reading the headers of a request.</summary>
    /// <value>Duration; zero, the default, means Kestrel's 30 s.</value>
    public TimeSpan ReadHeaderTimeout { get; init; }

    /// <summary>A connection without requests is closed after this long.</summary>
    /// <value>Duration; zero means never. Default 1 min, the Collector's.</value>
    public TimeSpan IdleTimeout { get; init; } = DefaultIdleTimeout;

    /// <summary>Whether a connection may carry several requests. Default true.</summary>
    public bool KeepAlivesEnabled { get; init; } = true;

    internal ContentCodings Codings { get; init; } = ContentCodings.Http;

    internal static HttpServerConfig? Read(ConfigSection section)
    {
        section.Unsupported("put a proxy that authenticates in front, or use tls with client_ca_file", "auth");
        section.Unsupported("requests are refused before they are decoded without it", "middlewares");
        if (section.Duration("write_timeout", TimeSpan.Zero) > TimeSpan.Zero)
        {
            section.Unsupported("only 0 is; answers are too short to need a limit", "write_timeout");
        }

        var enabled = section.Bool("enabled", true);
        var maxBody = section.Int32("max_request_body_size", 0, 0, Array.MaxLength);
        var config = new HttpServerConfig
        {
            Endpoint = ReceiverEndpoint.Read(section, 4318),
            Tls = TlsServerConfig.Read(section),
            Paths = [Path(section, "traces"), Path(section, "metrics"), Path(section, "logs")],
            Cors = CorsConfig.Read(section),
            MaxBodyBytes = maxBody == 0 ? DefaultMaxBodyBytes : maxBody,
            IncludeMetadata = section.Bool("include_metadata", false),
            ResponseHeaders = section.TextMap("response_headers"),
            ReadTimeout = section.Duration("read_timeout", DefaultReadTimeout),
            ReadHeaderTimeout = section.Duration("read_header_timeout", TimeSpan.Zero),
            IdleTimeout = section.Duration("idle_timeout", DefaultIdleTimeout),
            KeepAlivesEnabled = section.Bool("keep_alives_enabled", true),
            Codings = ContentCodings.Read(section),
        };
        section.Finish();
        return enabled ? config : null;
    }

    private static string Path(ConfigSection section, string signal)
    {
        var path = section.Text($"{signal}_url_path", $"/v1/{signal}")!;

        // As in the Collector, a missing slash is put in front.
        return path.StartsWith('/') ? path : "/" + path;
    }
}
