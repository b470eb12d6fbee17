using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TelemetryPipeline.Pipeline.Listening;

/// <summary>Where to listen, as the Collector writes it: <c>localhost:4317</c>, <c>0.0.0.0:4317</c>, <c>[::1]:4317</c>, <c>:4317</c>.</summary>
public static class ListenAddress
{
    /// <summary>Splits host and port.</summary>
    /// <param name="text">The setting.</param>
    /// <param name="host">The host without brackets; empty for all addresses.</param>
    /// <param name="port">0 to 65535; 0 picks a free one.</param>
    public static bool TryParse(string text, out string host, out int port)
    {
        host = "";
        port = 0;
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > 65535)
        {
            return false;
        }

        host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            host = host[1..^1];
            return IPAddress.TryParse(host, out _);
        }

        return !host.Contains(':', StringComparison.Ordinal);
    }

    /// <summary>
    /// Finds the address to bind. <c>localhost</c> is 127.0.0.1, as the Collector binds it, and no host is every
    /// address of both families.
    /// </summary>
    /// <param name="text">A setting that <see cref="TryParse"/> accepts.</param>
    /// <exception cref="ComponentStartException">The host has no address.</exception>
    public static IPEndPoint Resolve(string text)
    {
        if (!TryParse(text, out var host, out var port))
        {
            throw new ComponentStartException($"cannot listen on {text}: it must be host:port");
        }

        if (host.Length == 0)
        {
            return new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, port);
        }

        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            return new IPEndPoint(IPAddress.Loopback, port);
        }

        if (IPAddress.TryParse(host, out var address))
        {
            return new IPEndPoint(address, port);
        }

        try
        {
            return new IPEndPoint(Dns.GetHostAddresses(host)[0], port);
        }
        catch (SocketException e)
        {
            throw new ComponentStartException($"cannot listen on {text}: the host has no address", e);
        }
    }
}
