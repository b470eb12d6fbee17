using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Tls;

namespace TelemetryPipeline.Redis;

/// <summary>Where Redis is and who connects: the settings that everything that speaks to Redis has in common.</summary>
public sealed record RedisConnectionConfig
{
    /// <summary>A server with its replicas, some nodes of a cluster, or the Sentinels.</summary>
    public required IReadOnlyList<RedisEndpoint> Endpoints { get; init; }

    /// <summary>Set where <see cref="Endpoints"/> are Sentinels; null for a server or a cluster, which is told apart by asking it.</summary>
    public RedisSentinelConfig? Sentinel { get; init; }

    /// <summary>The user; null for the default one.</summary>
    public string? UserName { get; init; }

    /// <summary>The password; null for none.</summary>
    public Secret? Password { get; init; }

    /// <summary>The database's number.</summary>
    /// <value>0 to 1023, default 0; a cluster has no other.</value>
    public int Database { get; init; }

    /// <summary>TLS; null for none.</summary>
    public TlsClientConfig? Tls { get; init; }

    /// <summary>Reads the settings from the section of a component. The caller finishes the section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="isUsed">Whether endpoints must be there.</param>
    public static RedisConnectionConfig Read(ConfigSection section, bool isUsed = true)
    {
        var sentinel = ReadSentinel(section);
        var endpoints = ReadEndpoints(section, sentinel is null ? RedisEndpoint.DefaultPort : RedisSentinelConfig.DefaultPort, isUsed);
        section.Unsupported("use database", "db");
        section.Unsupported("sockets other than TCP are not supported", "transport");
        return new RedisConnectionConfig
        {
            Endpoints = endpoints,
            Sentinel = sentinel,
            UserName = section.Text("username") is { Length: > 0 } user ? user : null,
            Password = section.Secret("password"),
            Database = section.Int32("database", 0, 0, 1023),
            Tls = ReadTls(section, endpoints),
        };
    }

    /// <summary>The endpoints for a message.</summary>
    public override string ToString() => string.Join(",", Endpoints);

    private static List<RedisEndpoint> ReadEndpoints(ConfigSection section, int defaultPort, bool isUsed)
    {
        var endpoints = new List<RedisEndpoint>();
        var single = section.Text("endpoint");
        var several = section.PlacedTexts("endpoints");
        if (single is not null && several.Count > 0)
        {
            section.Error("endpoint", "provide either endpoint or endpoints, not both");
        }

        Add(section, "endpoint", single, defaultPort, endpoints);
        foreach (var (text, _) in several)
        {
            Add(section, "endpoints", text, defaultPort, endpoints);
        }

        if (isUsed && single is null && several.Count == 0)
        {
            section.Error("endpoint", "must be set, or endpoints to at least one host:port");
        }

        return endpoints;
    }

    private static void Add(ConfigSection section, string key, string? text, int defaultPort, List<RedisEndpoint> endpoints)
    {
        if (text is null)
        {
            return;
        }

        if (!RedisEndpoint.TryParse(text, defaultPort, out var endpoint, out var problem))
        {
            section.Error(key, $"{problem}, got \"{text}\"");
        }

        if (endpoints.Count > 0 && endpoints[0].UseTls != endpoint.UseTls)
        {
            section.Error(key, $"must all have the same scheme or none, got \"{text}\"");
        }

        endpoints.Add(endpoint);
    }

    private static RedisSentinelConfig? ReadSentinel(ConfigSection parent)
    {
        var isUsed = parent.Node("sentinel") is not null;
        var section = parent.Section("sentinel");
        var config = new RedisSentinelConfig
        {
            MasterName = isUsed ? section.RequiredText("master_name") : section.Text("master_name", "")!,
            UserName = section.Text("username") is { Length: > 0 } user ? user : null,
            Password = section.Secret("password"),
        };
        section.Finish();
        return isUsed ? config : null;
    }

    // A plain true is what the enrichment's lookups have always taken.
    private static TlsClientConfig? ReadTls(ConfigSection section, List<RedisEndpoint> endpoints)
    {
        var scheme = endpoints.Count > 0 ? endpoints[0].UseTls : null;
        if (section.Node("tls") is ConfigScalar)
        {
            return section.Bool("tls", false) || scheme == true ? new TlsClientConfig() : null;
        }

        var isThere = section.Has("tls");
        var tls = TlsClientConfig.Read(section);
        return scheme ?? (isThere && !tls.Insecure) ? tls : null;
    }
}
