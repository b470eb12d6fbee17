using System.Net;
using System.Net.Sockets;

namespace TelemetryPipeline.Exporters.Otlp.Grpc;

/// <summary>
/// The connections of an exporter. <c>round_robin</c> keeps one way to each address of the endpoint's name and uses
/// them in turn, passing over those that cannot be reached; names are resolved again when one cannot, at most once
/// per <see cref="ResolveInterval"/>. <c>pick_first</c> has a single way that takes the first address it can reach.
/// </summary>
/// <remarks>Thread-safe. With one address, which is the common case, picking costs a load.</remarks>
internal sealed class GrpcConnections : IDisposable
{
    /// <summary>Least time between two questions to the name server.</summary>
    public static readonly TimeSpan ResolveInterval = TimeSpan.FromSeconds(30);

    // How long an address is passed over after it could not be reached: gRPC's first back-off.
    private static readonly TimeSpan DownTime = TimeSpan.FromSeconds(1);

    private readonly string _host;
    private readonly bool _single;
    private readonly TimeProvider _time;
    private readonly Func<IPAddress?, SocketsHttpHandler> _createHandler;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly SemaphoreSlim _resolving = new(1, 1);
    private volatile GrpcConnection[] _connections = [];
    private long _resolvedAt;
    private volatile bool _stale;
    private int _next = -1;

    /// <summary>Connections to a host.</summary>
    /// <param name="host">Name or address, IPv6 in brackets.</param>
    /// <param name="balancer">How requests are spread.</param>
    /// <param name="time">The clock.</param>
    /// <param name="createHandler">Makes the handler for one address, or for all of them when it is null.</param>
    /// <param name="resolve">Finds the addresses of a name; null asks the system.</param>
    public GrpcConnections(
        string host,
        GrpcBalancer balancer,
        TimeProvider time,
        Func<IPAddress?, SocketsHttpHandler> createHandler,
        Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        _host = host;
        _time = time;
        _createHandler = createHandler;
        _resolve = resolve ?? Dns.GetHostAddressesAsync;
        _single = balancer == GrpcBalancer.PickFirst || IPAddress.TryParse(host.Trim('[', ']'), out _);
        if (_single)
        {
            _connections = [new GrpcConnection(null, createHandler(null))];
        }
    }

    /// <summary>How many ways there are now.</summary>
    public int Count => _connections.Length;

    /// <summary>The way for the next request, which the caller has to enter.</summary>
    /// <param name="cancellation">Gives up resolving the name.</param>
    /// <exception cref="SocketException">The name cannot be resolved.</exception>
    public ValueTask<GrpcConnection> PickAsync(CancellationToken cancellation)
    {
        var connections = _connections;
        return connections.Length > 0 && (!_stale || _single)
            ? new(Pick(connections))
            : ResolveAndPickAsync(cancellation);
    }

    /// <summary>Takes note that an address could not be reached.</summary>
    /// <param name="connection">The way that failed.</param>
    public void Failed(GrpcConnection connection)
    {
        connection.DownUntil = _time.GetTimestamp() + (long)(DownTime.TotalSeconds * _time.TimestampFrequency);
        _stale = true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var connection in _connections)
        {
            connection.Dispose();
        }

        _resolving.Dispose();
    }

    private GrpcConnection Pick(GrpcConnection[] connections)
    {
        if (connections.Length == 1)
        {
            return connections[0];
        }

        var now = _time.GetTimestamp();
        var first = (uint)Interlocked.Increment(ref _next);
        for (var i = 0u; i < connections.Length; i++)
        {
            var connection = connections[(first + i) % (uint)connections.Length];
            if (connection.DownUntil == 0 || connection.DownUntil <= now)
            {
                return connection;
            }
        }

        return connections[first % (uint)connections.Length];
    }

    private async ValueTask<GrpcConnection> ResolveAndPickAsync(CancellationToken cancellation)
    {
        await _resolving.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_connections.Length == 0 || (_stale && _time.GetElapsedTime(_resolvedAt) >= ResolveInterval))
            {
                await ResolveAsync(cancellation).ConfigureAwait(false);
            }

            _stale = _stale && _time.GetElapsedTime(_resolvedAt) < ResolveInterval && AnyDown();
            return Pick(_connections);
        }
        finally
        {
            _resolving.Release();
        }
    }

    private bool AnyDown()
    {
        var now = _time.GetTimestamp();
        foreach (var connection in _connections)
        {
            if (connection.DownUntil > now)
            {
                return true;
            }
        }

        return false;
    }

    private async Task ResolveAsync(CancellationToken cancellation)
    {
        IPAddress[] addresses;
        try
        {
            addresses = await _resolve(_host, cancellation).ConfigureAwait(false);
        }
        catch (SocketException) when (_connections.Length > 0)
        {
            // The addresses known so far may still do; the next failure asks again.
            _resolvedAt = _time.GetTimestamp();
            return;
        }

        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        var kept = new List<GrpcConnection>(addresses.Length);
        foreach (var address in addresses)
        {
            if (!kept.Exists(c => address.Equals(c.Address)))
            {
                kept.Add(Array.Find(_connections, c => address.Equals(c.Address))
                         ?? new GrpcConnection(address, _createHandler(address)));
            }
        }

        var former = _connections;
        _connections = [.. kept];
        foreach (var connection in former)
        {
            if (!kept.Contains(connection))
            {
                connection.Retire();
            }
        }

        _resolvedAt = _time.GetTimestamp();
        _stale = false;
    }
}
