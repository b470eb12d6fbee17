using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Listening;
using TelemetryPipeline.Receiver.Grpc;
using TelemetryPipeline.Receiver.Http;
using TelemetryPipeline.Receiver.Intake;

namespace TelemetryPipeline.Receiver;

/// <summary>
/// Takes OTLP in over gRPC and HTTP. A request is admitted before it is read, checked without being decoded, and
/// forwarded as its bytes; the answer says what became of it.
/// </summary>
internal sealed class OtlpReceiver : IReceiver
{
    // Kestrel adds the timeout to a timestamp: an infinite one overflows there and closes idle connections at once.
    private static readonly TimeSpan NoTimeout = TimeSpan.FromDays(3650);

    private readonly ComponentContext _context;
    private readonly OtlpReceiverConfig _config;
    private readonly ByteBudget _grpcBudget;
    private readonly ByteBudget _httpBudget;
    private readonly KestrelListener? _grpc;
    private readonly KestrelListener? _http;
    private readonly SignalIntake[] _grpcIntakes;
    private readonly SignalIntake[] _httpIntakes;

    public OtlpReceiver(ComponentContext context, OtlpReceiverConfig config, IReadOnlyList<Outlet> outlets)
    {
        _context = context;
        _config = config;
        _grpcBudget = new ByteBudget(config.MaxInFlightBytes);
        _httpBudget = new ByteBudget(config.MaxInFlightBytes);
        _grpcIntakes = Intakes("grpc", _grpcBudget, outlets);
        _httpIntakes = Intakes("http", _httpBudget, outlets);
        _grpc = config.Grpc is { } grpc ? new KestrelListener(GrpcSettings(grpc), context) : null;
        _http = config.Http is { } http ? new KestrelListener(HttpSettings(http), context) : null;
        Observe("grpc", _grpcBudget, _grpc);
        Observe("http", _httpBudget, _http);
    }

    /// <summary>Where gRPC listens; null when it does not, or at a socket file.</summary>
    public IPEndPoint? GrpcEndPoint => _grpc?.EndPoint;

    /// <summary>Where HTTP listens; null when it does not, or at a socket file.</summary>
    public IPEndPoint? HttpEndPoint => _http?.EndPoint;

    public async Task StartAsync(CancellationToken cancellation)
    {
        if (_grpc is not null)
        {
            var application = new GrpcApplication(_config.Grpc!, _grpcIntakes, _grpcBudget, _context.Time, _context.Background);
            await _grpc.StartAsync(application, cancellation).ConfigureAwait(false);
        }

        if (_http is not null)
        {
            try
            {
                var application = new HttpApplication(_config.Http!, _httpIntakes, _httpBudget, _context.Time, _context.Background);
                await _http.StartAsync(application, cancellation).ConfigureAwait(false);
            }
            catch (ComponentStartException)
            {
                await StopAsync(cancellation).ConfigureAwait(false);
                throw;
            }
        }
    }

    public async Task StopAsync(CancellationToken cancellation)
    {
        var grpc = _grpc?.StopAsync(cancellation) ?? Task.CompletedTask;
        var http = _http?.StopAsync(cancellation) ?? Task.CompletedTask;
        await Task.WhenAll(grpc, http).ConfigureAwait(false);
    }

    private void Observe(string transport, ByteBudget budget, KestrelListener? listener)
    {
        if (listener is null)
        {
            return;
        }

        var metrics = _context.Metrics;
        var receiver = _context.Id.ToString();
        metrics.Gauge(
            "otelcol_receiver_in_flight_bytes", "Bytes of request bodies being read or forwarded.",
            () => budget.TakenBytes, ("receiver", receiver), ("transport", transport));
        metrics.Gauge(
            "otelcol_receiver_connections", "Open connections.",
            () => listener.ConnectionCount, ("receiver", receiver), ("transport", transport));
        Closed("replaced", () => listener.ClosedConnections.Replaced);
        Closed("refused", () => listener.ClosedConnections.Refused);

        void Closed(string reason, Func<double> read) => metrics.ObservedCounter(
            "otelcol_receiver_closed_connections", "Connections closed at max_connections: idle ones replaced by new ones, or new ones refused.",
            read, ("receiver", receiver), ("transport", transport), ("reason", reason));
    }

    private ListenerSettings GrpcSettings(GrpcServerConfig config) => new()
    {
        ConnectionsMax = _config.MaxConnections,
        Endpoint = config.Endpoint.Tcp,
        UnixSocketPath = config.Endpoint.UnixSocketPath,
        Protocols = HttpProtocols.Http2,
        Tls = config.Tls,
        ConnectionAge = NullIfZero(config.Keepalive.MaxConnectionAge),
        ConnectionAgeGrace = NullIfZero(config.Keepalive.MaxConnectionAgeGrace),
        ReadAheadBytes = config.ReadBufferBytes,
        WriteBufferBytes = config.WriteBufferBytes,
        Limits = limits =>
        {
            limits.MaxRequestBodySize = null;
            limits.MinRequestBodyDataRate = null;
            limits.KeepAliveTimeout = NullIfZero(config.Keepalive.MaxConnectionIdle) ?? NoTimeout;
            limits.Http2.MaxStreamsPerConnection = config.MaxConcurrentStreams;
            limits.Http2.KeepAlivePingDelay = config.Keepalive.Time;
            limits.Http2.KeepAlivePingTimeout = config.Keepalive.Timeout;
        },
    };

    private ListenerSettings HttpSettings(HttpServerConfig config) => new()
    {
        ConnectionsMax = _config.MaxConnections,
        Endpoint = config.Endpoint.Tcp,
        UnixSocketPath = config.Endpoint.UnixSocketPath,
        Protocols = HttpProtocols.Http1AndHttp2,
        Tls = config.Tls,
        Limits = limits =>
        {
            // The application counts itself: its limit also holds for what comes out of decompression.
            limits.MaxRequestBodySize = null;

            // ArrivingBodies ends slow bodies, with the clock and the counters of the receiver.
            limits.MinRequestBodyDataRate = null;
            limits.KeepAliveTimeout = NullIfZero(config.IdleTimeout) ?? NoTimeout;
            limits.RequestHeadersTimeout = NullIfZero(config.ReadHeaderTimeout) ?? limits.RequestHeadersTimeout;
        },
    };

    private static TimeSpan? NullIfZero(TimeSpan duration) => duration > TimeSpan.Zero ? duration : null;

    private SignalIntake[] Intakes(string transport, ByteBudget budget, IReadOnlyList<Outlet> outlets)
    {
        var intakes = new SignalIntake[SignalNames.Count];
        foreach (var signal in SignalNames.All)
        {
            intakes[(int)signal] = new SignalIntake(signal, transport, outlets[(int)signal], budget, _context);
        }

        return intakes;
    }
}
