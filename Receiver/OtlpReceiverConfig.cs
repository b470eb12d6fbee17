using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Receiver.Grpc;
using TelemetryPipeline.Receiver.Http;

namespace TelemetryPipeline.Receiver;

/// <summary>Options of the <c>otlp</c> receiver.</summary>
public sealed record OtlpReceiverConfig
{
    private const long BytesPerMib = 1024 * 1024;
    private const int DefaultInFlightMib = 64;
    private const int DefaultConnections = 10_000;
    private const int ConnectionsLimit = 1_000_000;

    /// <summary>gRPC; null where the section is absent.</summary>
    public GrpcServerConfig? Grpc { get; init; }

    /// <summary>HTTP; null where the section is absent.</summary>
    public HttpServerConfig? Http { get; init; }

    /// <summary>Connections of each protocol at a time; a new one replaces the one that has been idle for longest. An option of ours.</summary>
    /// <value>1 to 1 000 000 (<c>max_connections</c>), and at most a quarter of the process's file descriptors. Default 10 000.</value>
    public int MaxConnections { get; init; } = DefaultConnections;

    /// <summary>Bytes of request bodies that each protocol holds at once; more are refused. An option of ours, not of the Collector.</summary>
    /// <value>MiB (<c>max_in_flight_mib</c>), at least the largest request. Default 64, or twice the largest request if that is more.</value>
    public long MaxInFlightBytes { get; init; }

    internal static OtlpReceiverConfig Read(ConfigSection section)
    {
        var protocols = section.Section("protocols");
        var hasGrpc = protocols.Has("grpc");
        var hasHttp = protocols.Has("http");
        var grpc = hasGrpc ? GrpcServerConfig.Read(protocols.Section("grpc")) : null;
        var http = hasHttp ? HttpServerConfig.Read(protocols.Section("http")) : null;
        protocols.Finish();
        if (grpc is null && http is null)
        {
            section.Error("", "must specify at least one protocol when using the OTLP receiver");
        }

        var largest = Math.Max(grpc?.MaxMessageBytes ?? 0, http?.MaxBodyBytes ?? 0);
        var mib = section.Int64("max_in_flight_mib", 0, 1, 1 << 20);
        if (mib > 0 && mib * BytesPerMib < largest)
        {
            section.Error("max_in_flight_mib", $"must hold the largest request, {largest} bytes, got {mib} MiB");
        }

        var connections = section.Int32("max_connections", DefaultConnections, 1, ConnectionsLimit);
        section.Finish();
        return new OtlpReceiverConfig
        {
            MaxConnections = connections,
            Grpc = grpc,
            Http = http,
            MaxInFlightBytes = mib > 0 ? mib * BytesPerMib : Math.Max(DefaultInFlightMib * BytesPerMib, 2L * largest),
        };
    }
}
