using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Otlp.Http;

/// <summary>The URLs of an <c>otlp_http</c> exporter.</summary>
internal static class HttpEndpoints
{
    /// <summary>Reads <c>endpoint</c> and the signals' own endpoints.</summary>
    /// <param name="section">The exporter's section.</param>
    /// <returns>A URL a signal, indexed by <see cref="Signal"/>; null where nothing is configured for it.</returns>
    public static IReadOnlyList<Uri?> Read(ConfigSection section)
    {
        var endpoints = new Uri?[SignalNames.Count];
        var any = section.Has("endpoint");
        var shared = ReadUri(section, "endpoint");
        foreach (var signal in SignalNames.All)
        {
            var name = signal.PipelineName();
            var key = $"{name}_endpoint";
            any |= section.Has(key);
            endpoints[(int)signal] = ReadUri(section, key) ?? (shared is null
                ? null
                : new Uri($"{shared.GetLeftPart(UriPartial.Path).TrimEnd('/')}/v1/{name}{shared.Query}"));
        }

        if (!any)
        {
            section.Error("", "endpoint, or at least one of traces_endpoint, metrics_endpoint and logs_endpoint, must be set");
        }

        return endpoints;
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

    private static Uri? ReadUri(ConfigSection section, string key)
    {
        var text = section.Text(key);
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        if (text.Contains('@', StringComparison.Ordinal))
        {
            section.Error(key, "must not hold credentials; put them into headers");
            return null;
        }

        if (IsWeb(text, out var uri))
        {
            return uri;
        }

        section.Error(key, $"must be an http:// or https:// URL, got \"{text}\"");
        return null;
    }

    private static bool IsWeb(string text, out Uri? uri) =>
        Uri.TryCreate(text, UriKind.Absolute, out uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps);
}
