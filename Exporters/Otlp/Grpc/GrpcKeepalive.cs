namespace TelemetryPipeline.Exporters.Otlp.Grpc;

/// <summary>The <c>keepalive</c> of a client: pings that notice a dead connection.</summary>
internal sealed record GrpcKeepalive
{
    /// <summary>The least that the transport can do.</summary>
    public static readonly TimeSpan TimeMin = TimeSpan.FromSeconds(1);

    /// <summary>Silence before a ping.</summary>
    /// <value>1 s or more. Default 10 s.</value>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long to wait for the answer before the connection is closed.</summary>
    /// <value>1 s or more. Default 10 s.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether pings are sent while no request is under way.</summary>
    /// <value>Default false.</value>
    public bool PermitWithoutStream { get; init; }
}
