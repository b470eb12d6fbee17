using Microsoft.AspNetCore.Server.Kestrel.Core;
using TelemetryPipeline.Pipeline.Tls;

namespace TelemetryPipeline.Pipeline.Listening;

/// <summary>What a <see cref="KestrelListener"/> needs to know.</summary>
public sealed record ListenerSettings
{
    /// <summary>Host and port; null for a Unix domain socket.</summary>
    public ListenEndpoint? Endpoint { get; init; }

    /// <summary>The socket file, where <see cref="Endpoint"/> is null.</summary>
    public string? UnixSocketPath { get; init; }

    /// <summary>
    /// HTTP versions. Without TLS, <see cref="HttpProtocols.Http1AndHttp2"/> tells HTTP/2 with prior knowledge from
    /// HTTP/1.1 by the first bytes of a connection.
    /// </summary>
    public HttpProtocols Protocols { get; init; } = HttpProtocols.Http1;

    /// <summary>TLS; null for none.</summary>
    public TlsServerConfig? Tls { get; init; }

    /// <summary>A connection is asked to end this long after it was accepted; null never.</summary>
    public TimeSpan? ConnectionAge { get; init; }

    /// <summary>A connection that was asked to end is cut after this long; null waits for its requests.</summary>
    public TimeSpan? ConnectionAgeGrace { get; init; }

    /// <summary>Bytes of a connection that are read ahead of the application; null for Kestrel's default of 1 MiB.</summary>
    public int? ReadAheadBytes { get; init; }

    /// <summary>Bytes of a connection that wait to be sent before the application is held up; null for Kestrel's default of 64 KiB.</summary>
    public int? WriteBufferBytes { get; init; }

    /// <summary>Connections at a time; a new one replaces the one that has been idle for longest.</summary>
    /// <value>1 or more, of which a quarter of the process's file descriptors is used at most. Default 10 000.</value>
    public int ConnectionsMax { get; init; } = 10_000;

    /// <summary>Sets further limits of Kestrel.</summary>
    public Action<KestrelServerLimits>? Limits { get; init; }
}
