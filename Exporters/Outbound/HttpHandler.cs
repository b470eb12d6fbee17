using System.Net;
using TelemetryPipeline.Pipeline.Proxies;
using TelemetryPipeline.Pipeline.Tls;

namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>Sets up the HTTP transport.</summary>
internal static class HttpHandler
{
    /// <summary>A handler with its own connections.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="certificates">The TLS material; null where no endpoint is https.</param>
    public static SocketsHttpHandler Create(HttpClientConfig config, CertificateSource? certificates)
    {
        var handler = new SocketsHttpHandler
        {
            // A redirect could lead the data and its credentials anywhere.
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = config.IdleConnTimeout == TimeSpan.Zero
                ? Timeout.InfiniteTimeSpan
                : config.IdleConnTimeout,
            ConnectCallback = new SocketConnector(config.ReadBufferSize, config.WriteBufferSize).ConnectAsync,
        };
        if (config.MaxConnsPerHost > 0)
        {
            handler.MaxConnectionsPerServer = config.MaxConnsPerHost;
        }

        if (config.Http2ReadIdleTimeout > TimeSpan.Zero)
        {
            handler.KeepAlivePingDelay = config.Http2ReadIdleTimeout;
            handler.KeepAlivePingTimeout = config.Http2PingTimeout;
        }

        handler.Proxy = config.Proxy is null
            ? EnvironmentProxy.Read()
            : new WebProxy(config.Proxy) { Credentials = ProxyCredentials.FromUrl };

        if (certificates is not null)
        {
            handler.SslOptions = TlsOptions.ForClient(config.Tls, certificates);
        }

        return handler;
    }
}
