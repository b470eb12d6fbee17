using System.Net;

namespace TelemetryPipeline.Exporters.Otlp.Grpc;

/// <summary>A way to the server: the connections to one address, or to whichever can be reached.</summary>
/// <remarks>Counted: when its address is gone, the connections are closed with the last request on them.</remarks>
/// <param name="address">The address; null tries all of the name's.</param>
/// <param name="handler">Holds the connections.</param>
internal sealed class GrpcConnection(IPAddress? address, SocketsHttpHandler handler) : IDisposable
{
    private readonly HttpMessageInvoker _invoker = new(handler);

    // Requests under way, and one for being in use at all.
    private int _users = 1;

    /// <summary>The address; null for all of the name's.</summary>
    public IPAddress? Address => address;

    /// <summary>Sends requests, between <see cref="TryEnter"/> and <see cref="Leave"/>.</summary>
    public HttpMessageInvoker Invoker => _invoker;

    /// <summary>Timestamp until which it is passed over because it could not be reached; 0 for never.</summary>
    public long DownUntil { get; set; }

    /// <summary>Begins a request.</summary>
    /// <returns>False when the way was closed meanwhile: pick another.</returns>
    public bool TryEnter()
    {
        var users = Volatile.Read(ref _users);
        while (users > 0)
        {
            var seen = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (seen == users)
            {
                return true;
            }

            users = seen;
        }

        return false;
    }

    /// <summary>Ends a request.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            _invoker.Dispose();
        }
    }

    /// <summary>Closes the connections as soon as nothing is under way on them. Once.</summary>
    public void Retire() => Leave();

    /// <summary>Closes the connections at once.</summary>
    public void Dispose() => _invoker.Dispose();
}
