using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace TelemetryPipeline.Exporters.Otlp.Grpc;

/// <summary>Where a gRPC server is.</summary>
/// <param name="Host">Name or address; an IPv6 address in brackets.</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="UseTls">What the scheme says: true for <c>https</c>, false for <c>http</c>, null where there is none.</param>
internal sealed record GrpcTarget(string Host, int Port, bool? UseTls)
{
    private static readonly string[] PlainSchemes = ["dns:///", "passthrough:///", "dns:"];

    /// <summary>Reads an <c>endpoint</c>: <c>host:port</c>, also behind <c>http://</c>, <c>https://</c> or <c>dns:///</c>.</summary>
    /// <param name="endpoint">The setting.</param>
    /// <param name="target">Where it points.</param>
    /// <param name="problem">What is wrong with it, as a clause without a subject.</param>
    public static bool TryParse(
        string endpoint, [NotNullWhen(true)] out GrpcTarget? target, [NotNullWhen(false)] out string? problem)
    {
        target = null;
        problem = null;
        var rest = endpoint.Trim();
        bool? useTls = null;
        if (rest.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            (rest, useTls) = (rest[7..].TrimEnd('/'), false);
        }
        else if (rest.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            (rest, useTls) = (rest[8..].TrimEnd('/'), true);
        }
        else
        {
            foreach (var scheme in PlainSchemes)
            {
                if (rest.StartsWith(scheme, StringComparison.Ordinal))
                {
                    rest = rest[scheme.Length..];
                    break;
                }
            }
        }

        var colon = rest.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(rest.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port is < 1 or > ushort.MaxValue)
        {
            problem = "must be host:port, also behind http://, https:// or dns:///";
            return false;
        }

        var host = rest[..colon];
        var bracketed = host.StartsWith('[') && host.EndsWith(']');
        if (Uri.CheckHostName(bracketed ? host[1..^1] : host) == UriHostNameType.Unknown
            || (host.Contains(':', StringComparison.Ordinal) && !bracketed))
        {
            problem = "must name a host before the port, an IPv6 address in brackets";
            return false;
        }

        target = new GrpcTarget(host, port, useTls);
        return true;
    }
}
