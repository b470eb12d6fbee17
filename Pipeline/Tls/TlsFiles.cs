using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace TelemetryPipeline.Pipeline.Tls;

/// <summary>The content of the files of a <c>tls</c> section at one moment; null where the section has no such file.</summary>
internal sealed record TlsFiles(byte[]? Certificate, byte[]? Key, byte[]? Authorities)
{
    /// <summary>Tells two contents apart without keeping the private key.</summary>
    public byte[] Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (ReadOnlySpan<byte[]?>)[Certificate, Key, Authorities])
        {
            hash.AppendData(BitConverter.GetBytes(part?.Length ?? -1));
            hash.AppendData(part ?? []);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Parses the content.</summary>
    /// <exception cref="CryptographicException">The content is not PEM, or key and certificate do not belong together.</exception>
    /// <exception cref="ArgumentException">A PEM block of the wanted kind is missing.</exception>
    public TlsMaterial Build(TlsMaterialConfig config)
    {
        var certificatePem = Certificate is null ? config.CertPem : Encoding.UTF8.GetString(Certificate);
        var keyPem = Key is null ? config.KeyPem?.Reveal() : Encoding.UTF8.GetString(Key);
        var authoritiesPem = Authorities is null ? config.CaPem : Encoding.UTF8.GetString(Authorities);
        return new TlsMaterial(
            certificatePem is null ? null : BuildCertificate(certificatePem, keyPem ?? ""),
            authoritiesPem is null ? null : BuildAuthorities(authoritiesPem, config.IncludeSystemCaCertsPool));
    }

    private static SslStreamCertificateContext BuildCertificate(string certificatePem, string keyPem)
    {
        var leaf = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(certificatePem);
        chain.RemoveAt(0);

        // Offline: a server must not fetch missing intermediates from the network while it starts.
        return SslStreamCertificateContext.Create(leaf, chain, offline: true);
    }

    private static X509Certificate2Collection BuildAuthorities(string pem, bool withSystem)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPem(pem);
        if (authorities.Count == 0)
        {
            throw new CryptographicException("there is no certificate in the file of authorities");
        }

        if (withSystem)
        {
            foreach (var location in (ReadOnlySpan<StoreLocation>)[StoreLocation.LocalMachine, StoreLocation.CurrentUser])
            {
                using var store = new X509Store(StoreName.Root, location);
                store.Open(OpenFlags.ReadOnly);
                authorities.AddRange(store.Certificates);
            }
        }

        return authorities;
    }
}
