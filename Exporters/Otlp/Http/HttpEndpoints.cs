using TelemetryPipeline.Exporters.Outbound;
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
        var any = section.Text("endpoint") is { Length: > 0 };
        var shared = HttpUrl.Read(section, "endpoint");
        foreach (var signal in SignalNames.All)
        {
            var name = signal.PipelineName();
            var key = $"{name}_endpoint";
            any |= section.Text(key) is { Length: > 0 };
            endpoints[(int)signal] = HttpUrl.Read(section, key) ?? (shared is null
                ? null
                : new Uri($"{shared.GetLeftPart(UriPartial.Path).TrimEnd('/')}/v1/{name}{shared.Query}"));
        }

        if (!any)
        {
            section.Error("", "endpoint, or at least one of traces_endpoint, metrics_endpoint and logs_endpoint, must be set");
        }

        return endpoints;
    }
}
