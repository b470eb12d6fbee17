using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TelemetryPipeline.Pipeline.Proxies;

/// <summary>
/// The hosts of <c>NO_PROXY</c>, with the meaning they have for Go programs: addresses and networks (<c>10.0.0.0/8</c>),
/// domains with their subdomains (<c>bank.example</c>), subdomains alone (<c>.bank.example</c>, <c>*.bank.example</c>),
/// each but networks also with a port, and <c>*</c> for all. <c>localhost</c> and loopback addresses are always part of it.
/// </summary>
/// <remarks>Thread-safe. Entries that are none of these match nothing.</remarks>
public sealed class NoProxyList
{
    private const int Ipv4Bits = 32;
    private const int MappedPrefixBits = 96;

    private readonly List<(IPAddress Address, int PrefixBits)> _networks = [];
    private readonly List<(IPAddress Address, string Port)> _addresses = [];
    private readonly List<(string Suffix, bool MatchesItself, string Port)> _domains = [];
    private readonly bool _isEverything;

    /// <summary>Reads a list.</summary>
    /// <param name="text">Entries between commas or blanks; null and empty for none.</param>
    public NoProxyList(string? text)
    {
        foreach (var entry in (text ?? "").ToLowerInvariant().Split([',', ' ', '\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (entry == "*")
            {
                _isEverything = true;
                return;
            }

            Add(entry);
        }
    }

    /// <summary>Whether requests to a URL go to its host directly.</summary>
    /// <param name="uri">The URL, absolute.</param>
    public bool Contains(Uri uri)
    {
        var host = uri.IdnHost.Trim('[', ']').ToLowerInvariant();
        var zone = host.IndexOf('%', StringComparison.Ordinal);
        var address = ParseAddress(zone < 0 ? host : host[..zone]);
        if (_isEverything || host == "localhost" || (address is not null && IPAddress.IsLoopback(address)))
        {
            return true;
        }

        var port = uri.Port.ToString(CultureInfo.InvariantCulture);
        return (address is not null && ContainsAddress(address, port)) || (zone < 0 && ContainsName(host, port));
    }

    private bool ContainsAddress(IPAddress address, string port)
    {
        foreach (var (network, prefixBits) in _networks)
        {
            if (IsInNetwork(address, network, prefixBits))
            {
                return true;
            }
        }

        foreach (var (listed, listedPort) in _addresses)
        {
            if (listed.Equals(address) && MatchesPort(listedPort, port))
            {
                return true;
            }
        }

        return false;
    }

    private bool ContainsName(string host, string port)
    {
        foreach (var (suffix, matchesItself, listedPort) in _domains)
        {
            if (MatchesPort(listedPort, port)
                && (host.EndsWith(suffix, StringComparison.Ordinal) || (matchesItself && host.AsSpan().SequenceEqual(suffix.AsSpan(1)))))
            {
                return true;
            }
        }

        return false;
    }

    private static bool MatchesPort(string listed, string port) => listed.Length == 0 || listed == port;

    private void Add(string entry)
    {
        if (TryParseNetwork(entry, out var network))
        {
            _networks.Add(network);
            return;
        }

        var (host, port) = SplitPort(entry);
        if (ParseAddress(host) is { } address)
        {
            _addresses.Add((address, port));
            return;
        }

        var name = host.StartsWith("*.", StringComparison.Ordinal) ? host[1..] : host;
        if (name.Length > 0)
        {
            var matchesItself = name[0] != '.';
            _domains.Add((AsciiOf(matchesItself ? "." + name : name), matchesItself, port));
        }
    }

    private static string AsciiOf(string suffix)
    {
        try
        {
            return "." + new IdnMapping().GetAscii(suffix[1..]);
        }
        catch (ArgumentException)
        {
            // No valid name, for example an underscore or an empty label: compared as it is.
            return suffix;
        }
    }

    // Without a port, or where the colons cannot be those of one, everything is the host.
    private static (string Host, string Port) SplitPort(string entry)
    {
        var colon = entry.LastIndexOf(':');
        if (colon < 0)
        {
            return (entry, "");
        }

        if (entry[0] == '[')
        {
            var end = entry.IndexOf(']', StringComparison.Ordinal);
            return end + 1 == colon ? (entry[1..end], entry[(colon + 1)..]) : (entry, "");
        }

        return entry.IndexOf(':', StringComparison.Ordinal) == colon ? (entry[..colon], entry[(colon + 1)..]) : (entry, "");
    }

    private static bool TryParseNetwork(string entry, out (IPAddress Address, int PrefixBits) network)
    {
        network = default;
        var slash = entry.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || ParseAddress(entry[..slash], keepsMapped: true) is not { } address
            || !int.TryParse(entry.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            || bits > address.GetAddressBytes().Length * 8)
        {
            return false;
        }

        network = address.IsIPv4MappedToIPv6 && bits >= MappedPrefixBits ? (address.MapToIPv4(), bits - MappedPrefixBits) : (address, bits);
        return true;
    }

    private static bool IsInNetwork(IPAddress address, IPAddress network, int prefixBits)
    {
        if (address.AddressFamily != network.AddressFamily)
        {
            return false;
        }

        var (bytes, prefix) = (address.GetAddressBytes(), network.GetAddressBytes());
        for (var i = 0; i < bytes.Length && prefixBits > 0; i++, prefixBits -= 8)
        {
            var mask = prefixBits >= 8 ? 0xFF : 0xFF << (8 - prefixBits);
            if (((bytes[i] ^ prefix[i]) & mask) != 0)
            {
                return false;
            }
        }

        return true;
    }

    // Stricter than the base library, for which "10.1" and "0x0a000001" are addresses too.
    private static IPAddress? ParseAddress(string text, bool keepsMapped = false)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return text.AsSpan().IndexOfAny('[', '%') < 0 && IPAddress.TryParse(text, out var address)
                && address.AddressFamily == AddressFamily.InterNetworkV6
                ? address.IsIPv4MappedToIPv6 && !keepsMapped ? address.MapToIPv4() : address
                : null;
        }

        Span<byte> bytes = stackalloc byte[Ipv4Bits / 8];
        var count = 0;
        foreach (var range in text.AsSpan().Split('.'))
        {
            var part = text.AsSpan()[range];
            if (count == bytes.Length || (part.Length > 1 && part[0] == '0')
                || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out bytes[count++]))
            {
                return null;
            }
        }

        return count == bytes.Length ? new IPAddress(bytes) : null;
    }
}
