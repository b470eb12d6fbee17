using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Redis;

/// <summary>How the master is found where Redis Sentinel watches it; the endpoints are the Sentinels' then.</summary>
public sealed record RedisSentinelConfig
{
    /// <summary>The port of Sentinels where an endpoint has none.</summary>
    public const int DefaultPort = 26379;

    /// <summary>The name under which the Sentinels know the master.</summary>
    public required string MasterName { get; init; }

    /// <summary>The user at the Sentinels; null for the default one.</summary>
    public string? UserName { get; init; }

    /// <summary>The password at the Sentinels; null for none.</summary>
    public Secret? Password { get; init; }
}
