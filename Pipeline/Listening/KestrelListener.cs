using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using TelemetryPipeline.Pipeline.Tls;

namespace TelemetryPipeline.Pipeline.Listening;

/// <summary>
/// Kestrel without a host: one address, one application, no middleware, no configuration system. For receivers: TLS
/// with reload, HTTP/2, large pooled blocks. Pages that the collector shows about itself use <c>PageServer</c>.
/// </summary>
public sealed class KestrelListener
{
    // A batch of 1000 spans is about half a megabyte: whole requests should travel without waiting for a window. What a
    // connection may have unread is memory that a sender decides on: 64 senders at the limit take 128 MiB.
    private const int StreamWindowBytes = 1024 * 1024;
    private const int ConnectionWindowBytes = 2 * 1024 * 1024;

    private readonly ListenerSettings _settings;
    private readonly ComponentContext _context;
    private readonly CertificateSource? _certificates;
    private readonly ConnectionTable _connections;
    private ServiceProvider? _services;
    private IServer? _server;
    private ListenOptions? _listen;

    /// <summary>A listener that is not open yet.</summary>
    /// <param name="settings">Where and how.</param>
    /// <param name="context">The component it belongs to: loggers, clock, metrics.</param>
    public KestrelListener(ListenerSettings settings, ComponentContext context)
    {
        _settings = settings;
        _context = context;
        _connections = new ConnectionTable(DescriptorLimit.ForListener(settings.ConnectionsMax), context.Time);
        _certificates = settings.Tls is null ? null : new CertificateSource(settings.Tls, context);
    }

    /// <summary>Where it listens, with the port that was picked for port 0; null before the start and for Unix sockets.</summary>
    public IPEndPoint? EndPoint => _listen?.IPEndPoint;

    /// <summary>Open connections.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>Connections closed in favour of newer ones, and those refused since all others were busy.</summary>
    public (long Replaced, long Refused) ClosedConnections => (_connections.ReplacedCount, _connections.RefusedCount);

    /// <summary>Opens the socket and serves.</summary>
    /// <typeparam name="T">The application's context of a request.</typeparam>
    /// <param name="application">Answers the requests.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ComponentStartException">The address cannot be bound, or the TLS files cannot be used.</exception>
    public async Task StartAsync<T>(IHttpApplication<T> application, CancellationToken cancellation)
        where T : notnull
    {
        var endPoint = _settings.Endpoint?.Resolve();
        if (_settings.UnixSocketPath is { } socketPath)
        {
            await UnixSocketFile.RemoveStaleAsync(socketPath, cancellation).ConfigureAwait(false);
        }

        _certificates?.Load();
        _services = BuildServices(endPoint);
        _server = _services.GetRequiredService<IServer>();
        try
        {
            await _server.StartAsync(application, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await CloseAsync().ConfigureAwait(false);
            throw new ComponentStartException($"cannot listen on {endPoint?.ToString() ?? _settings.UnixSocketPath}: {Reason(e)}", e);
        }
    }

    /// <summary>
    /// Stops accepting, tells HTTP/2 clients to go away, and waits for the requests inside. When
    /// <paramref name="cancellation"/> fires, the connections that are left are cut. Safe without a start and twice.
    /// </summary>
    /// <param name="cancellation">The limit on waiting.</param>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (_server is { } server)
        {
            await server.StopAsync(cancellation).ConfigureAwait(false);
            await CloseAsync().ConfigureAwait(false);
        }
    }

    private static string Reason(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case AddressInUseException or SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }:
                    return "address already in use";
                case SocketException { SocketErrorCode: SocketError.AccessDenied }:
                    return "permission denied";
                case SocketException socket:
                    return socket.Message;
            }
        }

        return e.Message;
    }

    private ServiceProvider BuildServices(IPEndPoint? endPoint)
    {
        var services = new ServiceCollection();
        services.AddOptions();
        services.AddMetrics();
        services.AddSingleton<DiagnosticSource>(new DiagnosticListener("Microsoft.AspNetCore"));
        services.AddSingleton(_context.Loggers);
        services.AddLogging();
        new ServiceRegistrar(services).UseKestrelCore().UseSockets();

        // After Kestrel, whose own factory would win otherwise.
        services.AddSingleton<IMemoryPoolFactory<byte>>(BlockPool.Process);
        services.Configure<SocketTransportOptions>(options =>
        {
            options.MaxReadBufferSize = _settings.ReadAheadBytes ?? options.MaxReadBufferSize;
            options.MaxWriteBufferSize = _settings.WriteBufferBytes ?? options.MaxWriteBufferSize;
        });
        services.Configure<KestrelServerOptions>(options => Configure(options, endPoint));
        return services.BuildServiceProvider();
    }

    private void Configure(KestrelServerOptions options, IPEndPoint? endPoint)
    {
        options.AddServerHeader = false;
        options.AllowAlternateSchemes = true;
        options.Limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
        options.Limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        _settings.Limits?.Invoke(options.Limits);
        if (endPoint is null)
        {
            options.ListenUnixSocket(_settings.UnixSocketPath!, ConfigureListen);
        }
        else
        {
            options.Listen(endPoint, ConfigureListen);
        }
    }

    private void ConfigureListen(ListenOptions listen)
    {
        _listen = listen;
        if (_settings.Tls is not null || _settings.Protocols != HttpProtocols.Http1AndHttp2)
        {
            // Both versions without TLS are Kestrel's default; named explicitly, it warns that HTTP/2 is off, which
            // PriorKnowledge makes untrue.
            listen.Protocols = _settings.Protocols;
        }

        listen.Use(next => connection => _connections.OnConnectionAsync(connection, next));
        if (_settings.ConnectionAge is { } age)
        {
            var limit = new ConnectionAgeLimit(age, _settings.ConnectionAgeGrace, _context.Time);
            listen.Use(next => connection => limit.OnConnectionAsync(connection, next));
        }

        if (_settings.Tls is { } tls)
        {
            var certificates = _certificates!;
            var protocols = PriorKnowledge.Alpn(_settings.Protocols);
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = _ => new(TlsOptions.ForServer(tls, certificates, protocols)),
            });
        }
        else if (_settings.Protocols == HttpProtocols.Http1AndHttp2)
        {
            var silenceMax = listen.KestrelServerOptions.Limits.RequestHeadersTimeout;
            listen.Use(next => connection => PriorKnowledge.OnConnectionAsync(connection, next, silenceMax));
        }
    }

    private async Task CloseAsync()
    {
        if (_services is { } services)
        {
            _services = null;
            _server = null;
            await services.DisposeAsync().ConfigureAwait(false);
        }
    }
}
