using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TelemetryPipeline.Pipeline.Tls;

/// <summary>A certificate and authorities that belong together. Immutable.</summary>
public sealed class TlsMaterial
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    internal TlsMaterial(SslStreamCertificateContext? certificate, X509Certificate2Collection? authorities)
    {
        Certificate = certificate;
        Authorities = authorities;
    }

    /// <summary>The own certificate with its key and intermediates; null where none is configured.</summary>
    public SslStreamCertificateContext? Certificate { get; }

    /// <summary>The authorities that are trusted; null means the system's.</summary>
    public X509Certificate2Collection? Authorities { get; }

    /// <summary>Whether a server's certificate is to be trusted.</summary>
    /// <param name="certificate">What the server showed.</param>
    /// <param name="presented">The chain as the platform built it, for its intermediates.</param>
    /// <param name="errors">What the platform found wrong.</param>
    public bool TrustsServer(X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors) =>
        Trusts(certificate, presented, errors, ServerUsage);

    /// <summary>Whether a client's certificate is to be trusted.</summary>
    /// <param name="certificate">What the client showed.</param>
    /// <param name="presented">The chain as the platform built it, for its intermediates.</param>
    /// <param name="errors">What the platform found wrong.</param>
    public bool TrustsClient(X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors) =>
        Trusts(certificate, presented, errors, ClientUsage);

    private bool Trusts(X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors, string usage)
    {
        if (Authorities is null)
        {
            return errors == SslPolicyErrors.None;
        }

        // The platform evaluated by the system's authorities, so its verdict on the chain does not count; a wrong name does.
        if (certificate is not X509Certificate2 leaf || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(Authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(usage));
        foreach (var element in presented?.ChainElements ?? NoElements())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(leaf);

        static IEnumerable<X509ChainElement> NoElements() => [];
    }
}
