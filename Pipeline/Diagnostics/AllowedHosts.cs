using System.Net;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline.Diagnostics;

/// <summary>
/// The names under which the pages of an endpoint may be requested, beside its own. A web page whose name was made to
/// resolve to this machine (DNS rebinding) gives itself away in the <c>Host</c> header.
/// </summary>
/// <remarks>Immutable; equal where the names are.</remarks>
public sealed class AllowedHosts : IEquatable<AllowedHosts>
{
    private const string Key = "allowed_hosts";
    private readonly string[] _names;

    private AllowedHosts(string[] names) => _names = names;

    /// <summary>No further names.</summary>
    public static AllowedHosts None { get; } = new([]);

    /// <summary>Reads <c>allowed_hosts</c>: names or addresses without a port, <c>*.suffix</c>, or <c>*</c> for every name.</summary>
    /// <param name="section">The section with the endpoint.</param>
    public static AllowedHosts Read(ConfigSection section)
    {
        var names = new List<string>();
        foreach (var name in section.Texts(Key))
        {
            var host = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;
            if (name != "*" && Uri.CheckHostName(host) == UriHostNameType.Unknown)
            {
                section.Error(Key, $"must hold host names without a port, got \"{name}\"; allowed: NAME, *.SUFFIX, *");
            }

            names.Add(name);
        }

        return names.Count == 0 ? None : new AllowedHosts([.. names]);
    }

    /// <inheritdoc/>
    public bool Equals(AllowedHosts? other) => other is not null && _names.AsSpan().SequenceEqual(other._names);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AllowedHosts);

    /// <inheritdoc/>
    public override int GetHashCode() => _names.Length == 0 ? 0 : HashCode.Combine(_names.Length, _names[0]);

    /// <summary>Whether a request may be answered.</summary>
    /// <param name="header">The <c>Host</c> header; empty where an HTTP/1.0 client sent none, which no browser is.</param>
    /// <param name="endpoint">Where the pages are served, as configured.</param>
    /// <param name="bound">The address that the server listens on.</param>
    public bool Allows(string header, ListenEndpoint endpoint, IPAddress bound)
    {
        var host = HostOf(header).TrimEnd('.');
        if (host.IsEmpty)
        {
            return header.Length == 0;
        }

        if (IPAddress.TryParse(host, out var address))
        {
            // A name cannot be made to resolve to an address that the browser then sends as the host. Where only this
            // machine is served, other addresses are wrong all the same.
            return !IPAddress.IsLoopback(bound) || IPAddress.IsLoopback(address) || address.Equals(bound) || IsListed(host);
        }

        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || host.Equals(endpoint.Host, StringComparison.OrdinalIgnoreCase)
            || host.Equals(Environment.MachineName, StringComparison.OrdinalIgnoreCase)
            || IsListed(host);
    }

    private static ReadOnlySpan<char> HostOf(ReadOnlySpan<char> header)
    {
        if (header.StartsWith('['))
        {
            var end = header.IndexOf(']');
            return end < 0 ? header : header[1..end];
        }

        var colon = header.IndexOf(':');
        return colon < 0 ? header : header[..colon];
    }

    private bool IsListed(ReadOnlySpan<char> host)
    {
        foreach (var name in _names)
        {
            if (name == "*"
                || host.Equals(name, StringComparison.OrdinalIgnoreCase)
                || (name.StartsWith("*.", StringComparison.Ordinal) && host.EndsWith(name.AsSpan(1), StringComparison.OrdinalIgnoreCase)))
            {
                return true;
            }
        }

        return false;
    }
}
