using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.Otlp.Http;

/// <summary>Settings of the <c>otlp_http</c> exporter.</summary>
internal sealed record OtlpHttpConfig
{
    private static readonly SendingDefaults Defaults = new() { Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>Where each signal goes, indexed by <see cref="Signal"/>; null where nothing is configured for it.</summary>
    public required IReadOnlyList<Uri?> Endpoints { get; init; }

    /// <summary>Connections, TLS, proxy and headers.</summary>
    public required HttpClientConfig Client { get; init; }

    /// <summary>Queue, retries and time limit.</summary>
    public required SendingConfig Sending { get; init; }

    /// <summary>The requests' encoding.</summary>
    public HttpEncoding Encoding { get; init; }

    /// <summary>The requests' compression.</summary>
    public CompressionConfig Compression { get; init; } = CompressionConfig.Default;

    /// <summary>Reads the exporter's section.</summary>
    /// <param name="section">The section.</param>
    public static OtlpHttpConfig Read(ConfigSection section)
    {
        var config = new OtlpHttpConfig
        {
            Endpoints = HttpEndpoints.Read(section),
            Client = HttpClientConfig.Read(section),
            Sending = SendingConfig.Read(section, Defaults),
            Encoding = section.Word("encoding", HttpEncoding.Proto, ("proto", HttpEncoding.Proto), ("json", HttpEncoding.Json)),
            Compression = ReadCompression(section),
        };
        section.Unsupported("the profiles signal is in development", "profiles_endpoint");
        section.Finish();
        return config;
    }

    /// <summary>Checks that every signal has an endpoint.</summary>
    /// <param name="id">The exporter's id.</param>
    /// <param name="signals">The signals it is used for.</param>
    /// <exception cref="ComponentStartException">One has none.</exception>
    public void RequireEndpoints(ComponentId id, IReadOnlyList<Signal> signals)
    {
        foreach (var signal in signals)
        {
            if (Endpoints[(int)signal] is null)
            {
                throw new ComponentStartException(
                    $"exporter {id} is used for {signal.PipelineName()}, but neither endpoint nor {signal.PipelineName()}_endpoint is set");
            }
        }
    }

    private static CompressionConfig ReadCompression(ConfigSection section) => CompressionConfig.Read(
        section,
        ("gzip", (PayloadEncoding.Gzip, "gzip")),
        ("zstd", (PayloadEncoding.Zstd, "zstd")),
        ("zlib", (PayloadEncoding.Zlib, "zlib")),
        ("deflate", (PayloadEncoding.Zlib, "deflate")),
        ("snappy", (PayloadEncoding.SnappyBlock, "snappy")),
        ("x-snappy-framed", (PayloadEncoding.SnappyFramed, "x-snappy-framed")),
        ("none", (PayloadEncoding.None, "")),
        ("", (PayloadEncoding.None, "")));
}
