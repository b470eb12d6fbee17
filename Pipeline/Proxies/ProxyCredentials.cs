using System.Net;

namespace TelemetryPipeline.Pipeline.Proxies;

/// <summary>The credentials in the URL of a proxy: <c>http://user:password@proxy.example:3128</c>.</summary>
public sealed class ProxyCredentials : ICredentials
{
    private ProxyCredentials()
    {
    }

    /// <summary>For every proxy, those of its own URL.</summary>
    public static ProxyCredentials FromUrl { get; } = new();

    /// <summary>The credentials in a URL.</summary>
    /// <param name="proxy">The proxy's URL.</param>
    /// <returns>Null where there are none.</returns>
    public static NetworkCredential? Of(Uri proxy)
    {
        if (proxy.UserInfo.Length == 0)
        {
            return null;
        }

        var colon = proxy.UserInfo.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? new NetworkCredential(Uri.UnescapeDataString(proxy.UserInfo), "")
            : new NetworkCredential(
                Uri.UnescapeDataString(proxy.UserInfo[..colon]), Uri.UnescapeDataString(proxy.UserInfo[(colon + 1)..]));
    }

    /// <inheritdoc/>
    public NetworkCredential? GetCredential(Uri uri, string authType) => Of(uri);
}
