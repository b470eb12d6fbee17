using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Tls;

namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>
/// The settings of every exporter that speaks HTTP: TLS, proxy, headers and connections, under the keys of the
/// Collector's <c>confighttp</c>.
/// </summary>
internal sealed record HttpClientConfig
{
    private static readonly TimeSpan IdleDefault = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan PingTimeoutDefault = TimeSpan.FromSeconds(15);

    // The least that the transport can do.
    private static readonly TimeSpan PingMin = TimeSpan.FromSeconds(1);

    /// <summary>The <c>tls</c> section.</summary>
    public required TlsClientConfig Tls { get; init; }

    /// <summary>Headers of every request.</summary>
    public RequestHeaders Headers { get; init; } = RequestHeaders.None;

    /// <summary>The proxy; null takes the one that the environment names.</summary>
    public Uri? Proxy { get; init; }

    /// <summary>The socket's receive buffer in bytes; 0 leaves it to the system.</summary>
    public int ReadBufferSize { get; init; }

    /// <summary>The socket's send buffer in bytes; 0 leaves it to the system.</summary>
    public int WriteBufferSize { get; init; }

    /// <summary>Connections to a host at most; 0 for no limit.</summary>
    public int MaxConnsPerHost { get; init; }

    /// <summary>How long an idle connection stays open; 0 for ever.</summary>
    /// <value>Default 90 s.</value>
    public TimeSpan IdleConnTimeout { get; init; } = IdleDefault;

    /// <summary>Whether every request has a connection of its own.</summary>
    public bool DisableKeepAlives { get; init; }

    /// <summary>Whether HTTP/2 is offered over TLS.</summary>
    public bool ForceAttemptHttp2 { get; init; } = true;

    /// <summary>Silence on an HTTP/2 connection before a ping; 0 for no pings.</summary>
    public TimeSpan Http2ReadIdleTimeout { get; init; }

    /// <summary>How long to wait for a ping's answer.</summary>
    /// <value>Default 15 s.</value>
    public TimeSpan Http2PingTimeout { get; init; } = PingTimeoutDefault;

    /// <summary>Reads the keys from an exporter's section. The caller reads its own keys and finishes the section.</summary>
    /// <param name="section">The exporter's section.</param>
    public static HttpClientConfig Read(ConfigSection section)
    {
        var config = new HttpClientConfig
        {
            Tls = TlsClientConfig.Read(section),
            Headers = RequestHeaders.Read(section, ProblemOfHeader),
            Proxy = HttpUrl.ReadProxy(section),
            ReadBufferSize = section.Int32("read_buffer_size", 0, min: 0),
            WriteBufferSize = section.Int32("write_buffer_size", 0, min: 0),
            MaxConnsPerHost = section.Int32("max_conns_per_host", 0, min: 0),
            IdleConnTimeout = section.Duration("idle_conn_timeout", IdleDefault),
            DisableKeepAlives = section.Bool("disable_keep_alives", false),
            ForceAttemptHttp2 = section.Bool("force_attempt_http2", true),
            Http2ReadIdleTimeout = ReadPing(section, "http2_read_idle_timeout", TimeSpan.Zero),
            Http2PingTimeout = ReadPing(section, "http2_ping_timeout", PingTimeoutDefault),
        };
        RefuseUnsupported(section);
        return config;
    }

    private static void RefuseUnsupported(ConfigSection section)
    {
        section.Unsupported("put the credentials into headers", "auth");
        section.Unsupported("exporters have no middlewares here", "middlewares");
        section.Unsupported(
            "idle connections are limited by idle_conn_timeout and max_conns_per_host",
            "max_idle_conns", "max_idle_conns_per_host");
        var cookies = section.Section("cookies");
        if (cookies.Bool("enabled", false))
        {
            cookies.Error("enabled", "not supported by this build: exporters keep no cookies");
        }

        cookies.Finish();
    }

    private static TimeSpan ReadPing(ConfigSection section, string key, TimeSpan defaultValue)
    {
        var value = section.Duration(key, defaultValue);
        if (value > TimeSpan.Zero && value < PingMin)
        {
            section.Error(key, $"must be 0 or at least {GoDuration.Format(PingMin)}, got {GoDuration.Format(value)}");
            return defaultValue;
        }

        return value == TimeSpan.Zero ? defaultValue : value;
    }

    private static string? ProblemOfHeader(string name) => name.ToLowerInvariant() is
        "content-type" or "content-length" or "content-encoding" or "connection" or "transfer-encoding" or "upgrade" or "te"
        ? "must not be set here: it belongs to the protocol"
        : null;
}
