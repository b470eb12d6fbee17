using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Extensions.Zpages;

/// <summary>Settings of the <c>zpages</c> extension. Immutable.</summary>
/// <param name="Endpoint">Key <c>endpoint</c>: where to listen, by default <c>localhost:55679</c>.</param>
/// <param name="AllowedHosts">Key <c>allowed_hosts</c>: host names, beside those of the endpoint, under which pages may be requested.</param>
internal sealed record ZpagesConfig(ListenEndpoint Endpoint, AllowedHosts AllowedHosts)
{
    /// <summary>Reads the settings.</summary>
    /// <param name="section">The extension's section.</param>
    public static ZpagesConfig Read(ConfigSection section)
    {
        var text = section.Text("endpoint", "localhost:55679")!;
        if (!ListenEndpoint.TryParse(text, out var endpoint, out var problem))
        {
            section.Error("endpoint", $"{problem}, got \"{text}\"");
        }

        section.Unsupported("the runtime's variables are on the metrics page", "expvar");
        section.Unsupported(
            "the pages are served over plain HTTP",
            "tls", "auth", "cors", "include_metadata", "max_request_body_size", "response_headers",
            "compression_algorithms", "read_timeout", "read_header_timeout", "write_timeout", "idle_timeout",
            "keep_alives_enabled", "middlewares", "transport");
        return new ZpagesConfig(endpoint, AllowedHosts.Read(section));
    }
}
