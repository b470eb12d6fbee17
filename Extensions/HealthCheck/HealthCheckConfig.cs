using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Extensions.HealthCheck;

/// <summary>Settings of the <c>health_check</c> extension. Immutable.</summary>
internal sealed record HealthCheckConfig
{
    private static readonly string[] ServerKeys =
    [
        "tls", "auth", "cors", "include_metadata", "max_request_body_size", "response_headers", "compression_algorithms",
        "read_timeout", "read_header_timeout", "write_timeout", "idle_timeout", "keep_alives_enabled", "middlewares",
        "transport",
    ];

    /// <summary>Key <c>endpoint</c>, or <c>http::endpoint</c> with <see cref="UseV2"/>.</summary>
    /// <value><c>host:port</c>. Default <c>localhost:13133</c>.</value>
    public ListenEndpoint Endpoint { get; init; }

    /// <summary>Key <c>allowed_hosts</c>: host names, beside those of the endpoint, under which pages may be requested.</summary>
    /// <value>Names without a port, <c>*.suffix</c> or <c>*</c>. Default none.</value>
    public AllowedHosts AllowedHosts { get; init; } = AllowedHosts.None;

    /// <summary>Key <c>use_v2</c>: the status page with its codes and its report on each pipeline, in place of the plain page.</summary>
    public bool UseV2 { get; init; }

    /// <summary>Key <c>path</c>, or <c>http::status::path</c> with <see cref="UseV2"/>.</summary>
    /// <value>A path. Default <c>/</c>, or <c>/status</c>.</value>
    public string Path { get; init; } = "/";

    /// <summary>Key <c>response_body::healthy</c>; null answers with the collector's JSON.</summary>
    public string? HealthyBody { get; init; }

    /// <summary>Key <c>response_body::unhealthy</c>; null answers with the collector's JSON.</summary>
    public string? UnhealthyBody { get; init; }

    /// <summary>Key <c>component_health::include_permanent_errors</c>: a permanent error makes the status page answer 500.</summary>
    public bool IncludePermanentErrors { get; init; }

    /// <summary>Key <c>component_health::include_recoverable_errors</c>: one that lasts makes the status page answer 500.</summary>
    public bool IncludeRecoverableErrors { get; init; }

    /// <summary>Key <c>component_health::recovery_duration</c>: how long a recoverable error may last.</summary>
    /// <value>Duration, 0 or more. Default 5 min.</value>
    public TimeSpan RecoveryDuration { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Reads the settings.</summary>
    /// <param name="section">The extension's section.</param>
    public static HealthCheckConfig Read(ConfigSection section)
    {
        var useV2 = section.Bool("use_v2", false);
        section.Unsupported("health is served over plain HTTP", [.. ServerKeys, "grpc"]);
        section.Unsupported("health always follows the pipelines", "check_collector_pipeline");
        var http = section.Section("http");
        var status = http.Section("status");
        var body = section.Section("response_body");
        var health = section.Section("component_health");
        var config = new HealthCheckConfig
        {
            UseV2 = useV2,
            Endpoint = useV2 && http.Has("endpoint") ? EndpointOf(http) : EndpointOf(section),
            AllowedHosts = AllowedHosts.Read(section),
            Path = useV2 ? PathOf(status, "/status") : PathOf(section, "/"),
            HealthyBody = body.Text("healthy"),
            UnhealthyBody = body.Text("unhealthy"),
            IncludePermanentErrors = health.Bool("include_permanent_errors", false),
            IncludeRecoverableErrors = health.Bool("include_recoverable_errors", false),
            RecoveryDuration = health.Duration("recovery_duration", TimeSpan.FromMinutes(5)),
        };
        ReadHttp(section, http, status, useV2);
        body.Finish();
        health.Finish();
        return config;
    }

    private static void ReadHttp(ConfigSection section, ConfigSection http, ConfigSection status, bool useV2)
    {
        http.Unsupported("health is served over plain HTTP", ServerKeys);
        if (!useV2 && section.Has("http"))
        {
            section.Error("http", "needs use_v2: true");
        }

        if (!status.Bool("enabled", true))
        {
            status.Error("enabled", "must be true, got false: without its page the extension does nothing");
        }

        var page = http.Section("config");
        if (page.Bool("enabled", false))
        {
            page.Error("enabled", "not supported by this build: use print-config, which redacts secrets");
        }

        _ = page.Text("path");
        page.Finish();
        status.Finish();
        http.Finish();
    }

    private static ListenEndpoint EndpointOf(ConfigSection section)
    {
        var text = section.Text("endpoint", "localhost:13133")!;
        if (!ListenEndpoint.TryParse(text, out var endpoint, out var problem))
        {
            section.Error("endpoint", $"{problem}, got \"{text}\"");
        }

        return endpoint;
    }

    private static string PathOf(ConfigSection section, string defaultPath)
    {
        var path = section.Text("path", defaultPath)!;
        if (!path.StartsWith('/'))
        {
            section.Error("path", $"must begin with /, got \"{path}\"");
        }

        return path;
    }
}
