using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using TelemetryPipeline.Pipeline.Tls;
using TelemetryPipeline.Tests.Pipeline.Tls;

namespace TelemetryPipeline.Tests.Receiver;

public sealed class TlsEndpointTests : IDisposable
{
    private readonly TestCertificates _files = new();

    public TlsEndpointTests() => _files.WriteLeaf("first");

    private string Tls => $"tls: {{cert_file: {_files.CertFile}, key_file: {_files.KeyFile}}}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Post_OverTls_NegotiatesTheVersion(bool http2)
    {
        await using var running = await RunningReceiver.StartAsync(http: Tls);
        using var response = await PostAsync(running.Http(http2, Handler(), "https"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(http2 ? HttpVersion.Version20 : HttpVersion.Version11, response.Version);
    }

    [Fact]
    public async Task Call_GrpcOverTls_IsServed()
    {
        await using var running = await RunningReceiver.StartAsync(grpc: Tls);
        using var client = new HttpClient(Handler());
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"https://{running.Receiver.GrpcEndPoint}/opentelemetry.proto.collector.trace.v1.TraceService/Export")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, 0]),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        using var response = await client.SendAsync(request, Token);
        await response.Content.ReadAsByteArrayAsync(Token);
        Assert.Equal(["0"], response.TrailingHeaders.GetValues("grpc-status"));
    }

    [Fact]
    public async Task Post_ClientCa_OnlyTakesItsClients()
    {
        using var strangers = new TestCertificates("strangers");
        using var known = _files.Sign("client", client: true);
        using var unknown = strangers.Sign("client", client: true);
        await using var running = await RunningReceiver.StartAsync(http: Tls[..^1] + $", client_ca_file: {_files.CaFile}}}");
        using var response = await PostAsync(running.Http(false, Handler(known), "https"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => PostAsync(running.Http(false, Handler(unknown), "https")));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => PostAsync(running.Http(false, Handler(), "https")));
    }

    [Fact]
    public async Task Post_CertificateChanged_NewConnectionsSeeItAndOldOnesStay()
    {
        var time = new FakeTimeProvider();
        await using var running = await RunningReceiver.StartAsync(http: Tls, time: time);
        string? seen = null;
        var old = running.Http(false, Handler(observe: subject => seen = subject), "https");
        using var first = await PostAsync(old);
        Assert.Equal("CN=first", seen);
        _files.WriteLeaf("second");
        time.Advance(TimeSpan.FromSeconds(10));
        seen = null;
        using var kept = await PostAsync(old);
        Assert.Equal(HttpStatusCode.OK, kept.StatusCode);
        Assert.Null(seen);
        using var second = await PostAsync(running.Http(false, Handler(observe: subject => seen = subject), "https"));
        Assert.Equal("CN=second", seen);
    }

    [Fact]
    public async Task Post_MinVersion13_RefusesOlder()
    {
        await using var running = await RunningReceiver.StartAsync(http: Tls[..^1] + ", min_version: \"1.3\"}");
        var handler = Handler();
        handler.SslOptions.EnabledSslProtocols = SslProtocols.Tls12;
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => PostAsync(running.Http(false, handler, "https")));
    }

    [Fact]
    public async Task ForClient_Settings_ReachTheServer()
    {
        using var client = _files.Sign("client", client: true);
        var certFile = Path.Combine(_files.Folder, "client.crt");
        var keyFile = Path.Combine(_files.Folder, "client.key");
        await File.WriteAllTextAsync(certFile, client.ExportCertificatePem(), Token);
        await File.WriteAllTextAsync(keyFile, client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem(), Token);
        await using var running = await RunningReceiver.StartAsync(http: Tls[..^1] + $", client_ca_file: {_files.CaFile}}}");
        var config = new TlsClientConfig
        {
            Material = new TlsMaterialConfig { CaFile = _files.CaFile, CertFile = certFile, KeyFile = keyFile },
            ServerNameOverride = "localhost",
        };
        using var response = await PostAsync(running.Http(false, new SocketsHttpHandler { SslOptions = Options(config) }, "https"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var wrongName = config with { ServerNameOverride = "elsewhere" };
        await Assert.ThrowsAnyAsync<HttpRequestException>(
            () => PostAsync(running.Http(false, new SocketsHttpHandler { SslOptions = Options(wrongName) }, "https")));
        var skip = wrongName with { InsecureSkipVerify = true };
        using var skipped = await PostAsync(running.Http(false, new SocketsHttpHandler { SslOptions = Options(skip) }, "https"));
        Assert.Equal(HttpStatusCode.OK, skipped.StatusCode);
    }

    private static SslClientAuthenticationOptions Options(TlsClientConfig config)
    {
        var source = new CertificateSource(config, RunningReceiver.Context());
        source.Load();
        return TlsOptions.ForClient(config, source);
    }

    private static SocketsHttpHandler Handler(X509Certificate2? own = null, Action<string>? observe = null)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            observe?.Invoke(certificate!.Subject);
            return certificate!.Issuer == "CN=authority";
        };
        if (own is not null)
        {
            handler.SslOptions.ClientCertificates = [own];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => own;
        }

        return handler;
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/traces")
        {
            Content = new ByteArrayContent([]),
            Version = http.DefaultRequestVersion,
            VersionPolicy = http.DefaultVersionPolicy,
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        return await http.SendAsync(request, Token);
    }
}
