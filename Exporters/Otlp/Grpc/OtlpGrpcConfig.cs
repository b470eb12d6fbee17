using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Sending;
using TelemetryPipeline.Pipeline.Tls;

namespace TelemetryPipeline.Exporters.Otlp.Grpc;

/// <summary>Settings of the <c>otlp_grpc</c> exporter.</summary>
internal sealed record OtlpGrpcConfig
{
    /// <summary>Where the server is.</summary>
    public required GrpcTarget Target { get; init; }

    /// <summary>Whether the connection is encrypted: what the endpoint's scheme says, else not <c>tls::insecure</c>.</summary>
    public required bool UseTls { get; init; }

    /// <summary>The <c>tls</c> section.</summary>
    public required TlsClientConfig Tls { get; init; }

    /// <summary>Queue, retries and time limit.</summary>
    public required SendingConfig Sending { get; init; }

    /// <summary>The messages' compression.</summary>
    public CompressionConfig Compression { get; init; } = CompressionConfig.Default;

    /// <summary>Headers of every request.</summary>
    public RequestHeaders Headers { get; init; } = RequestHeaders.None;

    /// <summary>Pings; null for none.</summary>
    public GrpcKeepalive? Keepalive { get; init; } = new();

    /// <summary>How requests are spread.</summary>
    public GrpcBalancer Balancer { get; init; } = GrpcBalancer.RoundRobin;

    /// <summary>The <c>:authority</c> of requests and the name the certificate must bear; null takes the endpoint's.</summary>
    public string? Authority { get; init; }

    /// <summary>Whether an attempt waits for a connection until its time is up instead of failing at once.</summary>
    public bool WaitForReady { get; init; }

    /// <summary>The socket's receive buffer in bytes; 0 leaves it to the system.</summary>
    public int ReadBufferSize { get; init; }

    /// <summary>The socket's send buffer in bytes; 0 leaves it to the system.</summary>
    public int WriteBufferSize { get; init; }

    /// <summary>Reads the exporter's section.</summary>
    /// <param name="section">The section.</param>
    public static OtlpGrpcConfig Read(ConfigSection section)
    {
        var endpoint = section.RequiredText("endpoint");
        if (!GrpcTarget.TryParse(endpoint, out var target, out var problem))
        {
            if (endpoint.Length > 0)
            {
                section.Error("endpoint", $"{problem}, got \"{endpoint}\"");
            }

            target = new GrpcTarget("localhost", 4317, null);
        }

        var tls = TlsClientConfig.Read(section);
        var config = new OtlpGrpcConfig
        {
            Target = target,
            UseTls = target.UseTls ?? !tls.Insecure,
            Tls = tls,
            Sending = SendingConfig.Read(section, new SendingDefaults()),
            Compression = CompressionConfig.Read(
                section,
                ("gzip", (PayloadEncoding.Gzip, "gzip")), ("zstd", (PayloadEncoding.Zstd, "zstd")),
                ("snappy", (PayloadEncoding.SnappyFramed, "snappy")), ("none", (PayloadEncoding.None, "")),
                ("", (PayloadEncoding.None, ""))),
            Headers = RequestHeaders.Read(section, ProblemOfHeader),
            Keepalive = ReadKeepalive(section),
            Balancer = section.Word(
                "balancer_name", GrpcBalancer.RoundRobin,
                ("round_robin", GrpcBalancer.RoundRobin), ("pick_first", GrpcBalancer.PickFirst)),
            Authority = ReadAuthority(section, tls),
            WaitForReady = section.Bool("wait_for_ready", false),
            ReadBufferSize = section.Int32("read_buffer_size", 0, min: 0),
            WriteBufferSize = section.Int32("write_buffer_size", 0, min: 0),
        };
        section.Unsupported("put the credentials into headers", "auth");
        section.Unsupported("exporters have no middlewares here", "middlewares");
        section.Finish();
        return config;
    }

    private static GrpcKeepalive? ReadKeepalive(ConfigSection parent)
    {
        var section = parent.Section("keepalive");
        var defaults = new GrpcKeepalive();
        var enabled = section.Bool("enabled", true);
        var keepalive = new GrpcKeepalive
        {
            Time = section.Duration("time", defaults.Time, GrpcKeepalive.TimeMin),
            Timeout = section.Duration("timeout", defaults.Timeout, GrpcKeepalive.TimeMin),
            PermitWithoutStream = section.Bool("permit_without_stream", defaults.PermitWithoutStream),
        };
        section.Finish();
        return enabled ? keepalive : null;
    }

    // The transport takes the name for SNI and for the certificate from :authority, so the two settings are one.
    private static string? ReadAuthority(ConfigSection section, TlsClientConfig tls)
    {
        var authority = section.Text("authority") is { Length: > 0 } text ? text : null;
        if (authority is not null && tls.ServerNameOverride is { } name && name != authority)
        {
            section.Error(
                "authority", $"must be the same as tls::server_name_override \"{name}\" where both are set, got \"{authority}\"");
        }

        return authority ?? tls.ServerNameOverride;
    }

    private static string? ProblemOfHeader(string name)
    {
        if (name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase)
            || name.ToLowerInvariant() is "te" or "content-type" or "content-length" or "host" or "connection"
                or "transfer-encoding" or "upgrade")
        {
            return "must not be set here: it belongs to the protocol";
        }

        return name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase)
            ? "not supported by this build: binary headers"
            : null;
    }
}
