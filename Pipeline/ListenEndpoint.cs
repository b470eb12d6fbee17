using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TelemetryPipeline.Pipeline;

/// <summary>Where a server listens, in the Collector's form <c>host:port</c>.</summary>
/// <param name="Host">A name or address, without brackets; empty for every address of the machine.</param>
/// <param name="Port">TCP port, 0 to 65535; 0 lets the system choose.</param>
public readonly record struct ListenEndpoint(string Host, int Port)
{
    /// <inheritdoc/>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    /// <summary>Reads an endpoint such as <c>localhost:4317</c>, <c>0.0.0.0:4317</c>, <c>[::1]:4317</c> or <c>:4317</c>.</summary>
    /// <param name="text">The setting.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="error">What is wrong and what is allowed, as a clause without the value.</param>
    public static bool TryParse(string text, out ListenEndpoint endpoint, [NotNullWhen(false)] out string? error)
    {
        endpoint = default;
        error = "must be host:port, with an IPv6 address in brackets";
        var colon = text.LastIndexOf(':');
        if (colon < 0)
        {
            return false;
        }

        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            host = host[1..^1];
        }
        else if (host.Contains(':', StringComparison.Ordinal))
        {
            return false;
        }

        if (host.Length > 0 && Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            return false;
        }

        if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            error = "must end in a port from 0 to 65535";
            return false;
        }

        endpoint = new ListenEndpoint(host, port);
        error = null;
        return true;
    }

    /// <summary>
    /// The socket address to bind: every address for an empty host (IPv6 and IPv4 together where the machine has
    /// IPv6), otherwise the first address the name resolves to, IPv4 before IPv6, as Go's <c>net.Listen</c> does.
    /// </summary>
    /// <exception cref="ComponentStartException">The name does not resolve.</exception>
    public IPEndPoint Resolve()
    {
        if (Host.Length == 0)
        {
            return new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, Port);
        }

        if (Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return new IPEndPoint(IPAddress.Loopback, Port);
        }

        if (IPAddress.TryParse(Host, out var address))
        {
            return new IPEndPoint(address, Port);
        }

        try
        {
            var addresses = Dns.GetHostAddresses(Host);
            var chosen = Array.Find(addresses, static a => a.AddressFamily == AddressFamily.InterNetwork) ?? addresses[0];
            return new IPEndPoint(chosen, Port);
        }
        catch (SocketException e)
        {
            throw new ComponentStartException($"cannot listen on {this}: the host name does not resolve: {e.Message}", e);
        }
    }
}
