using System.Net;

namespace TelemetryPipeline.Pipeline.Proxies;

/// <summary>
/// The proxy that the environment names: <c>HTTP_PROXY</c> for http URLs, <c>HTTPS_PROXY</c> for https URLs,
/// <c>ALL_PROXY</c> for both, each also in lower case, except for the hosts of <c>NO_PROXY</c>. Of the two spellings the
/// first that is not empty counts.
/// </summary>
/// <remarks>Thread-safe. The base library's own reading of these variables knows no networks, ports or wildcards.</remarks>
public sealed class EnvironmentProxy : IWebProxy
{
    private static readonly string[] Schemes = ["http", "https", "socks4", "socks4a", "socks5"];

    private readonly Uri? _http;
    private readonly Uri? _https;
    private readonly NoProxyList _direct;

    /// <summary>Reads the variables.</summary>
    /// <param name="variable">Gives the value of a variable; null where it is not set.</param>
    public EnvironmentProxy(Func<string, string?> variable)
    {
        var all = Find(variable, "ALL_PROXY");
        _http = Parse(Find(variable, "HTTP_PROXY") ?? all);
        _https = Parse(Find(variable, "HTTPS_PROXY") ?? all);
        _direct = new NoProxyList(Find(variable, "NO_PROXY"));
    }

    /// <summary>The proxy that this process's environment names.</summary>
    public static EnvironmentProxy Read() => new(Environment.GetEnvironmentVariable);

    /// <inheritdoc/>
    public ICredentials? Credentials
    {
        get => ProxyCredentials.FromUrl;
        set => throw new NotSupportedException("the credentials of a proxy are in its URL");
    }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination)
    {
        var proxy = destination.Scheme == Uri.UriSchemeHttps ? _https : _http;
        return proxy is null || _direct.Contains(destination) ? null : proxy;
    }

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => GetProxy(host) is null;

    private static string? Find(Func<string, string?> variable, string name) =>
        variable(name) is { Length: > 0 } upper ? upper
        : variable(name.ToLowerInvariant()) is { Length: > 0 } lower ? lower
        : null;

    // Without a scheme it is http. What is no URL of a proxy counts as not set, as for Go programs.
    private static Uri? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var url = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        return Uri.TryCreate(url, UriKind.Absolute, out var proxy) && proxy.Host.Length > 0 && Array.IndexOf(Schemes, proxy.Scheme) >= 0
            ? proxy
            : null;
    }
}
