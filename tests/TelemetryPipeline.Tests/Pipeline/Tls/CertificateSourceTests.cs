using System.Net.Security;
using Microsoft.Extensions.Time.Testing;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Tls;
using TelemetryPipeline.Tests.Receiver;

namespace TelemetryPipeline.Tests.Pipeline.Tls;

public sealed class CertificateSourceTests : IDisposable
{
    private readonly TestCertificates _files = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ComponentContext _context;

    public CertificateSourceTests()
    {
        _context = RunningReceiver.Context(_time);
        _files.WriteLeaf("first");
    }

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Current_FilesChanged_AreUsedAfterTheInterval()
    {
        var source = Load(TimeSpan.FromMinutes(1));
        _files.WriteLeaf("second");
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("CN=first", Subject(source));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("CN=second", Subject(source));
        Assert.Equal(1, Reloads("success"));
    }

    [Fact]
    public void Current_BadFiles_KeepTheOldAndAreCountedOnce()
    {
        var source = Load();
        File.WriteAllText(_files.KeyFile, "not a key");
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("CN=first", Subject(source));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("CN=first", Subject(source));
        Assert.Equal(1, Reloads("failure"));
        _files.WriteLeaf("mended");
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("CN=mended", Subject(source));
    }

    [Fact]
    public void Current_MissingFile_KeepsTheOld()
    {
        var source = Load();
        File.Delete(_files.CertFile);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("CN=first", Subject(source));
        Assert.Equal(1, Reloads("failure"));
    }

    [Fact]
    public void Load_MissingFile_SaysWhich()
    {
        File.Delete(_files.KeyFile);
        var error = Assert.Throws<ComponentStartException>(() => Load());
        Assert.Contains(_files.KeyFile, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Trusts_AuthoritiesChanged_FollowsThem()
    {
        using var other = new TestCertificates("other");
        using var theirs = other.Sign("server");
        var source = new CertificateSource(
            new TlsClientConfig { Material = new TlsMaterialConfig { CaFile = _files.CaFile } }, _context);
        source.Load();
        using var ours = _files.Sign("server");
        Assert.True(source.Current().TrustsServer(ours, null, SslPolicyErrors.RemoteCertificateChainErrors));
        Assert.False(source.Current().TrustsServer(theirs, null, SslPolicyErrors.RemoteCertificateChainErrors));
        Assert.False(source.Current().TrustsServer(ours, null, SslPolicyErrors.RemoteCertificateNameMismatch));
        Assert.False(source.Current().TrustsServer(null, null, SslPolicyErrors.RemoteCertificateNotAvailable));
        File.Copy(other.CaFile, _files.CaFile, overwrite: true);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(source.Current().TrustsServer(theirs, null, SslPolicyErrors.RemoteCertificateChainErrors));
    }

    private static string Subject(CertificateSource source) => source.Current().Certificate!.TargetCertificate.Subject;

    private CertificateSource Load(TimeSpan interval = default)
    {
        var material = new TlsMaterialConfig { CertFile = _files.CertFile, KeyFile = _files.KeyFile, ReloadInterval = interval };
        var source = new CertificateSource(new TlsServerConfig { Material = material }, _context);
        source.Load();
        return source;
    }

    private long Reloads(string outcome) =>
        _context.Metrics.Counter("otelcol_tls_reloads", "", ("component", "otlp"), ("outcome", outcome)).Value;
}
