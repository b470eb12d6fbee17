using System.Net;

namespace TelemetryPipeline.Exporters.Otlp.Grpc;

/// <summary>A way to the server: the connections to one address, or to whichever can be reached.</summary>
/// <param name="address">The address; null tries all of the name's.</param>
/// <param name="handler">Holds the connections.</param>
internal sealed class GrpcConnection(IPAddress? address, SocketsHttpHandler handler) : IDisposable
{
    /// <summary>The address; null for all of the name's.</summary>
    public IPAddress? Address => address;

    /// <summary>Sends requests.</summary>
    public HttpMessageInvoker Invoker { get; } = new(handler);

    /// <summary>Timestamp until which it is passed over because it could not be reached; 0 for never.</summary>
    public long DownUntil { get; set; }

    /// <inheritdoc/>
    public void Dispose() => Invoker.Dispose();
}
