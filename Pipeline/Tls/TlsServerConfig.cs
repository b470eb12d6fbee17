using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline.Tls;

/// <summary>The <c>tls</c> section of something that listens.</summary>
public sealed record TlsServerConfig
{
    /// <summary>Certificate, key, versions, suites.</summary>
    public required TlsMaterialConfig Material { get; init; }

    /// <summary>PEM file of the authorities whose client certificates are asked for; null asks for none.</summary>
    public string? ClientCaFile { get; init; }

    /// <summary>Whether <see cref="ClientCaFile"/> is read again when it changes. Default true.</summary>
    public bool ClientCaFileReload { get; init; } = true;

    /// <summary>Reads the <c>tls</c> section below <paramref name="parent"/>.</summary>
    /// <param name="parent">The section that may hold <c>tls</c>.</param>
    /// <returns>Null when the section is absent, null or has <c>enabled: false</c>: no TLS then.</returns>
    public static TlsServerConfig? Read(ConfigSection parent)
    {
        if (parent.Node("tls") is null)
        {
            return null;
        }

        var section = parent.Section("tls");
        var enabled = section.Bool("enabled", true);
        var material = TlsMaterialConfig.Read(section);
        var config = new TlsServerConfig
        {
            Material = material,
            ClientCaFile = section.Text("client_ca_file") is { Length: > 0 } file ? file : null,
            ClientCaFileReload = section.Bool("client_ca_file_reload", true),
        };
        if (enabled && !material.HasCertificate)
        {
            section.Error("", "must include both a certificate and a key for a server");
        }

        section.Finish();
        return enabled ? config : null;
    }
}
