using System.Net;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Pipeline.Tls;

namespace TelemetryPipeline.Exporters.Otlp.Grpc;

/// <summary>Sets up the HTTP/2 transport.</summary>
internal static class GrpcHandler
{
    // Answers are small; this only keeps window updates off the wire.
    private const int StreamWindowSize = 1024 * 1024;

    // gRPC's: minimum time to connect, and the time after which an idle channel closes its connections.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(30);

    /// <summary>A handler with its own connections.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="certificates">The TLS material; null without TLS.</param>
    /// <param name="address">The address to connect to; null tries those of the host in turn.</param>
    /// <param name="proxy">The HTTP proxy that connects to the host; null for none.</param>
    public static SocketsHttpHandler Create(OtlpGrpcConfig config, CertificateSource? certificates, IPAddress? address, Uri? proxy)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,

            // The transport has no way through a proxy for HTTP/2 without TLS; the connector has.
            UseProxy = false,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = StreamWindowSize,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionIdleTimeout = IdleTimeout,
            ConnectCallback = new SocketConnector(config.ReadBufferSize, config.WriteBufferSize, address, proxy).ConnectAsync,
        };
        if (config.Keepalive is { } keepalive)
        {
            handler.KeepAlivePingDelay = keepalive.Time;
            handler.KeepAlivePingTimeout = keepalive.Timeout;
            handler.KeepAlivePingPolicy = keepalive.PermitWithoutStream
                ? HttpKeepAlivePingPolicy.Always
                : HttpKeepAlivePingPolicy.WithActiveRequests;
        }

        if (certificates is not null)
        {
            handler.SslOptions = TlsOptions.ForClient(config.Tls, certificates);
        }

        return handler;
    }
}
