using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Cryptography.X509Certificates;

namespace TelemetryPipeline.Pipeline.Tls;

/// <summary>Turns settings and the material in use into what <see cref="SslStream"/> takes.</summary>
public static class TlsOptions
{
    private static readonly TlsCipherSuite[] Tls13Suites =
    [
        TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
    ];

    /// <summary>Options for one handshake of a server; ask again for the next, since the certificate may change.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="source">The material, loaded.</param>
    /// <param name="protocols">Application protocols on offer (ALPN), the best first.</param>
    public static SslServerAuthenticationOptions ForServer(
        TlsServerConfig config, CertificateSource source, List<SslApplicationProtocol> protocols)
    {
        var material = source.Current();
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = material.Certificate,
            EnabledSslProtocols = config.Material.Protocols,
            CipherSuitesPolicy = Policy(config.Material),
            ApplicationProtocols = protocols,
            ClientCertificateRequired = config.ClientCaFile is not null,
        };
        if (config.ClientCaFile is not null)
        {
            options.RemoteCertificateValidationCallback =
                (_, certificate, chain, errors) => material.TrustsClient(certificate, chain, errors);
        }

        return options;
    }

    /// <summary>Options for all connections of a client, for <c>SocketsHttpHandler.SslOptions</c>; every handshake uses the material of its moment.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="source">The material, loaded.</param>
    public static SslClientAuthenticationOptions ForClient(TlsClientConfig config, CertificateSource source)
    {
        var options = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = config.Material.Protocols,
            CipherSuitesPolicy = Policy(config.Material),
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => config.InsecureSkipVerify
                || source.Current().TrustsServer(certificate, chain, EvaluateName(config, certificate, errors)),
        };
        if (config.Material.HasCertificate)
        {
            options.LocalCertificateSelectionCallback = (_, _, _, _, _) => source.Current().Certificate!.TargetCertificate;
        }

        return options;
    }

    // SocketsHttpHandler asks for the name in the URL (or in a request's Host header) whatever the options say, so an
    // overridden name is compared here.
    private static SslPolicyErrors EvaluateName(TlsClientConfig config, X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (config.ServerNameOverride is not { } name || certificate is not X509Certificate2 leaf)
        {
            return errors;
        }

        return leaf.MatchesHostname(name)
            ? errors & ~SslPolicyErrors.RemoteCertificateNameMismatch
            : errors | SslPolicyErrors.RemoteCertificateNameMismatch;
    }

    private static CipherSuitesPolicy? Policy(TlsMaterialConfig config)
    {
        if (config.CipherSuites.Count == 0)
        {
            return null;
        }

        return OperatingSystem.IsLinux() ? LinuxPolicy(config)
            : throw new ComponentStartException("cipher_suites needs OpenSSL, which this platform does not use");
    }

    // The list is for TLS 1.2, as in the Collector; without its own suites TLS 1.3 would be off.
    [SupportedOSPlatform("linux")]
    private static CipherSuitesPolicy LinuxPolicy(TlsMaterialConfig config) => new([.. config.CipherSuites, .. Tls13Suites]);
}
