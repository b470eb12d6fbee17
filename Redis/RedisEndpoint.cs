using System.Globalization;

namespace TelemetryPipeline.Redis;

/// <summary>Where a Redis server listens.</summary>
/// <param name="Host">A name or an address.</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="UseTls">What a scheme in front said; null where there was none.</param>
public sealed record RedisEndpoint(string Host, int Port, bool? UseTls)
{
    /// <summary>The port where none is given.</summary>
    public const int DefaultPort = 6379;

    /// <summary>Reads <c>host</c>, <c>host:port</c> or <c>[address]:port</c>, with <c>redis://</c> or <c>rediss://</c> in front or not.</summary>
    /// <param name="text">The text.</param>
    /// <param name="defaultPort">The port where the text has none.</param>
    /// <param name="endpoint">The result.</param>
    /// <param name="problem">What is wrong, when the answer is false.</param>
    public static bool TryParse(string text, int defaultPort, out RedisEndpoint endpoint, out string problem)
    {
        bool? useTls = null;
        var rest = text;
        if (text.IndexOf("://", StringComparison.Ordinal) is var at and >= 0)
        {
            useTls = text[..at] switch { "redis" => false, "rediss" => true, _ => null };
            rest = text[(at + 3)..].TrimEnd('/');
            if (useTls is null)
            {
                return Fail("must have the scheme redis or rediss, or none", out endpoint, out problem);
            }
        }

        if (rest.Contains('@', StringComparison.Ordinal))
        {
            return Fail("must not hold a user; use username and password", out endpoint, out problem);
        }

        // Only an address of IPv6 has colons of its own, and then it stands in brackets.
        var colon = rest.LastIndexOf(':');
        var hasPort = colon > rest.LastIndexOf(']');
        var host = (hasPort ? rest[..colon] : rest).Trim('[', ']');
        var port = defaultPort;
        if (host.Length == 0 || (hasPort && (!int.TryParse(rest.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            || port is < 1 or > 65535)) || Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            return Fail("must be host:port", out endpoint, out problem);
        }

        endpoint = new RedisEndpoint(host, port, useTls);
        problem = "";
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    private static bool Fail(string why, out RedisEndpoint endpoint, out string problem)
    {
        endpoint = new RedisEndpoint("localhost", DefaultPort, null);
        problem = why;
        return false;
    }
}
