using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TelemetryPipeline.Tests.Pipeline.Tls;

/// <summary>An authority in a directory of its own, that signs certificates for localhost and for clients.</summary>
internal sealed class TestCertificates : IDisposable
{
    private static readonly DateTimeOffset From = TimeProvider.System.GetUtcNow().AddDays(-1);
    private readonly X509Certificate2 _authority;

    public TestCertificates(string name = "authority")
    {
        Folder = Directory.CreateTempSubdirectory("tls-").FullName;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(From, From.AddYears(1));
        CaFile = Path.Combine(Folder, "ca.crt");
        File.WriteAllText(CaFile, _authority.ExportCertificatePem());
    }

    public string Folder { get; }

    public string CaFile { get; }

    public string CertFile => Path.Combine(Folder, "leaf.crt");

    public string KeyFile => Path.Combine(Folder, "leaf.key");

    /// <summary>Signs a certificate.</summary>
    public X509Certificate2 Sign(string name, bool client = false)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [new Oid(client ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1")], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(_authority, From, From.AddMonths(6), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>Writes a new certificate and key to <see cref="CertFile"/> and <see cref="KeyFile"/>.</summary>
    public void WriteLeaf(string name)
    {
        using var leaf = Sign(name);
        using var key = leaf.GetECDsaPrivateKey()!;
        File.WriteAllText(CertFile, leaf.ExportCertificatePem());
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
