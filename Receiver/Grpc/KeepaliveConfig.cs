using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Receiver.Grpc;

/// <summary>The <c>keepalive::server_parameters</c> of the gRPC server.</summary>
public sealed record KeepaliveConfig
{
    /// <summary>A connection without requests is closed after this long.</summary>
    /// <value>Duration; zero, the default, means never.</value>
    public TimeSpan MaxConnectionIdle { get; init; }

    /// <summary>A connection is asked to end after this long.</summary>
    /// <value>Duration; zero, the default, means never.</value>
    public TimeSpan MaxConnectionAge { get; init; }

    /// <summary>A connection that was asked to end is cut after this long.</summary>
    /// <value>Duration; zero, the default, waits for its requests.</value>
    public TimeSpan MaxConnectionAgeGrace { get; init; }

    /// <summary>A connection that was silent for this long is pinged.</summary>
    /// <value>Duration of 1 s or more. Default 2 h.</value>
    public TimeSpan Time { get; init; } = TimeSpan.FromHours(2);

    /// <summary>A connection that leaves a ping unanswered for this long is closed.</summary>
    /// <value>Duration of 1 s or more. Default 20 s.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    internal static KeepaliveConfig Read(ConfigSection parent)
    {
        var section = parent.Section("keepalive");
        var defaults = new KeepaliveConfig();
        var enabled = section.Bool("enabled", true);
        section.Unsupported("clients may ping as they like, floods apart", "enforcement_policy");
        var parameters = section.Section("server_parameters");
        var config = new KeepaliveConfig
        {
            MaxConnectionIdle = parameters.Duration("max_connection_idle", TimeSpan.Zero),
            MaxConnectionAge = parameters.Duration("max_connection_age", TimeSpan.Zero),
            MaxConnectionAgeGrace = parameters.Duration("max_connection_age_grace", TimeSpan.Zero),
            Time = parameters.Duration("time", defaults.Time, TimeSpan.FromSeconds(1)),
            Timeout = parameters.Duration("timeout", defaults.Timeout, TimeSpan.FromSeconds(1)),
        };
        var parametersEnabled = parameters.Bool("enabled", true);
        parameters.Finish();
        section.Finish();
        return enabled && parametersEnabled ? config : defaults;
    }
}
