using System.Diagnostics.CodeAnalysis;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Outbound;

/// <summary>Reads URLs from settings.</summary>
internal static class HttpUrl
{
    /// <summary>Reads the URL of a server, which must not hold credentials.</summary>
    /// <param name="section">The section.</param>
    /// <param name="key">The key.</param>
    /// <returns>The URL; null when nothing is set, or what is set was reported as wrong.</returns>
    public static Uri? Read(ConfigSection section, string key)
    {
        var text = section.Text(key);
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (ProblemOf(text, out var uri) is { } problem)
        {
            section.Error(key, problem);
        }

        return uri;
    }

    /// <summary>What speaks against a text as the URL of a server.</summary>
    /// <param name="text">The text.</param>
    /// <param name="uri">The URL, where there is no problem.</param>
    /// <returns>The problem as the end of a sentence; null for none.</returns>
    public static string? ProblemOf(string text, out Uri? uri)
    {
        uri = null;
        if (text.Contains('@', StringComparison.Ordinal))
        {
            return "must not hold credentials; put them into headers";
        }

        return IsWeb(text, out uri) ? null : $"must be an http:// or https:// URL, got \"{text}\"";
    }

    /// <summary>Reads <c>proxy_url</c>, which may hold credentials.</summary>
    /// <param name="section">The exporter's section.</param>
    public static Uri? ReadProxy(ConfigSection section)
    {
        var text = section.Text("proxy_url");
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (IsWeb(text, out var uri))
        {
            return uri;
        }

        section.Error("proxy_url", "must be an http:// or https:// URL; the value is not shown, since it may hold credentials");
        return null;
    }

    private static bool IsWeb(string text, [NotNullWhen(true)] out Uri? uri)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps))
        {
            return true;
        }

        uri = null;
        return false;
    }
}
