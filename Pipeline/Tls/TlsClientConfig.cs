using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline.Tls;

/// <summary>The <c>tls</c> section of something that connects.</summary>
public sealed record TlsClientConfig
{
    /// <summary>Authorities, own certificate, versions, suites.</summary>
    public TlsMaterialConfig Material { get; init; } = new();

    /// <summary>
    /// No TLS at all. Only where the endpoint does not say so itself: <c>https://</c> in an endpoint means TLS even then.
    /// </summary>
    public bool Insecure { get; init; }

    /// <summary>TLS, but any certificate of the server will do.</summary>
    public bool InsecureSkipVerify { get; init; }

    /// <summary>The name the server's certificate must bear, and that is asked for (SNI); null takes the endpoint's host.</summary>
    public string? ServerNameOverride { get; init; }

    /// <summary>Reads the <c>tls</c> section below <paramref name="parent"/>; absent means TLS with the system's authorities.</summary>
    /// <param name="parent">The section that may hold <c>tls</c>.</param>
    public static TlsClientConfig Read(ConfigSection parent)
    {
        var section = parent.Section("tls");
        var config = new TlsClientConfig
        {
            Material = TlsMaterialConfig.Read(section),
            Insecure = section.Bool("insecure", false),
            InsecureSkipVerify = section.Bool("insecure_skip_verify", false),
            ServerNameOverride = section.Text("server_name_override") is { Length: > 0 } name ? name : null,
        };
        section.Finish();
        return config;
    }
}
