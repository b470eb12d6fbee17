using System.Net.Security;
using System.Security.Authentication;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Pipeline.Tls;

/// <summary>The settings that servers and clients share, with the keys of the Collector's <c>configtls</c>.</summary>
public sealed record TlsMaterialConfig
{
    /// <summary>PEM file of the authorities that are trusted; null takes <see cref="CaPem"/> or the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>The authorities as PEM text; not together with <see cref="CaFile"/>.</summary>
    public string? CaPem { get; init; }

    /// <summary>PEM file of the own certificate, leaf first.</summary>
    public string? CertFile { get; init; }

    /// <summary>The own certificate as PEM text; not together with <see cref="CertFile"/>.</summary>
    public string? CertPem { get; init; }

    /// <summary>PEM file of the own private key.</summary>
    public string? KeyFile { get; init; }

    /// <summary>The own private key as PEM text; not together with <see cref="KeyFile"/>.</summary>
    public Secret? KeyPem { get; init; }

    /// <summary>Whether the system's authorities are trusted beside the configured ones.</summary>
    public bool IncludeSystemCaCertsPool { get; init; }

    /// <summary>Versions on offer. Default 1.2 and 1.3.</summary>
    public SslProtocols Protocols { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Suites for TLS 1.2; those of TLS 1.3 are always on. Empty leaves the choice to the system.</summary>
    public IReadOnlyList<TlsCipherSuite> CipherSuites { get; init; } = [];

    /// <summary>
    /// How often files are looked at for changes, at most.
    /// </summary>
    /// <value>Duration; 0, the default, means 10 s. Looked at on handshakes only, so an idle process does nothing.</value>
    public TimeSpan ReloadInterval { get; init; }

    /// <summary>Whether there is an own certificate.</summary>
    public bool HasCertificate => CertFile is not null || CertPem is not null;

    /// <summary>Whether authorities are configured.</summary>
    public bool HasAuthorities => CaFile is not null || CaPem is not null;

    internal static TlsMaterialConfig Read(ConfigSection section)
    {
        section.Unsupported("keys in a trusted platform module need a library that is not part of it", "tpm");
        section.Unsupported("set the groups in OpenSSL's own configuration", "curve_preferences");
        OneOf(section, "ca_file", "ca_pem");
        OneOf(section, "cert_file", "cert_pem");
        OneOf(section, "key_file", "key_pem");
        var config = new TlsMaterialConfig
        {
            CaFile = NotEmpty(section.Text("ca_file")),
            CaPem = NotEmpty(section.Text("ca_pem")),
            CertFile = NotEmpty(section.Text("cert_file")),
            CertPem = NotEmpty(section.Text("cert_pem")),
            KeyFile = NotEmpty(section.Text("key_file")),
            KeyPem = section.Secret("key_pem"),
            IncludeSystemCaCertsPool = section.Bool("include_system_ca_certs_pool", false),
            Protocols = ReadProtocols(section),
            CipherSuites = ReadCipherSuites(section),
            ReloadInterval = section.Duration("reload_interval", TimeSpan.Zero),
        };
        var hasKey = config.KeyFile is not null || config.KeyPem is not null;
        if (config.HasCertificate != hasKey)
        {
            section.Error("", "provide both a certificate (cert_file or cert_pem) and a key (key_file or key_pem), or neither");
        }

        return config;
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static void OneOf(ConfigSection section, string file, string pem)
    {
        if (section.Node(file) is not null && section.Node(pem) is not null)
        {
            section.Error(pem, $"provide either {file} or {pem}, not both");
        }
    }

    private static SslProtocols ReadProtocols(ConfigSection section)
    {
        var min = section.Word("min_version", SslProtocols.Tls12, ("", SslProtocols.Tls12), ("1.2", SslProtocols.Tls12), ("1.3", SslProtocols.Tls13));
        var max = section.Word("max_version", SslProtocols.Tls13, ("", SslProtocols.Tls13), ("1.2", SslProtocols.Tls12), ("1.3", SslProtocols.Tls13));
        if (min == SslProtocols.Tls13 && max == SslProtocols.Tls12)
        {
            section.Error("min_version", "must not be greater than max_version, got 1.3 and 1.2");
        }

        return min | max;
    }

    private static List<TlsCipherSuite> ReadCipherSuites(ConfigSection section)
    {
        var suites = new List<TlsCipherSuite>();
        foreach (var name in section.Texts("cipher_suites"))
        {
            // The Collector's short names for the two ChaCha20 suites leave out the hash.
            var full = name.EndsWith("_CHACHA20_POLY1305", StringComparison.Ordinal) ? name + "_SHA256" : name;
            if (!char.IsAsciiLetter(name.Length == 0 ? '0' : name[0]) || !Enum.TryParse<TlsCipherSuite>(full, out var suite))
            {
                section.Error("cipher_suites", $"must name cipher suites as IANA does, such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, got \"{name}\"");
                continue;
            }

            suites.Add(suite);
        }

        return suites;
    }
}
