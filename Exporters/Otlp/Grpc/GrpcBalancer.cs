namespace TelemetryPipeline.Exporters.Otlp.Grpc;

/// <summary>How requests are spread over the addresses of an endpoint's name (<c>balancer_name</c>).</summary>
internal enum GrpcBalancer : byte
{
    /// <summary>A connection to every address, used in turn.</summary>
    RoundRobin,

    /// <summary>The first address that can be reached.</summary>
    PickFirst,
}
