using System.Globalization;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using TelemetryPipeline.Exporters.Otlp.Http;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Tests.Exporters.Otlp.Http;

public sealed class HttpTlsTests : IDisposable
{
    private readonly ExporterHarness _harness = new();
    private readonly TestCertificates _certificates = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Authority => $"ca_file: {_certificates.AuthorityFile}";

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task Send_ServerOfOurAuthority_IsTrusted()
    {
        await using var server = await ScriptedServer.StartAsync(HttpProtocols.Http1AndHttp2, _certificates.Server);
        using var batch = Batches.Traces();

        var result = await SendAsync(server, Authority);

        Assert.True(result.IsAccepted, result.Message);
        Assert.Equal(Batches.Bytes(batch), server.Last.Body);
    }

    [Fact]
    public async Task Send_UnknownAuthority_RetriesAsTlsFailureUnlessToldNotToVerify()
    {
        await using var server = await ScriptedServer.StartAsync(HttpProtocols.Http1AndHttp2, _certificates.Server);

        var result = await SendAsync(server, "");

        Assert.Equal((ConsumeOutcome.Retry, "tls_failed"), (result.Outcome, result.Reason));
        Assert.Empty(server.Requests);
        Assert.True((await SendAsync(server, "insecure_skip_verify: true")).IsAccepted);
    }

    [Fact]
    public async Task Send_ServerWantsAClientCertificate_GetsOurs()
    {
        await using var server = await ScriptedServer.StartAsync(
            HttpProtocols.Http1AndHttp2, _certificates.Server, _certificates.Authority);

        var result = await SendAsync(
            server, $"{Authority}, cert_file: {_certificates.ClientFile}, key_file: {_certificates.ClientKeyFile}");

        Assert.True(result.IsAccepted, result.Message);
        Assert.Equal("CN=pipeline-client", server.Last.ClientCertificate);
        Assert.Equal(ConsumeOutcome.Retry, (await SendAsync(server, Authority)).Outcome);
    }

    [Fact]
    public async Task Send_ThroughATunnel_IsEncryptedToTheServerItself()
    {
        await using var server = await ScriptedServer.StartAsync(HttpProtocols.Http1AndHttp2, _certificates.Server);
        await using var proxy = new TunnelProxy(server.Port);

        // The proxy alone knows the way to that name.
        var result = await SendAsync(
            server, Authority, host: "ledger.bank.example", more: $", proxy_url: 'http://127.0.0.1:{proxy.Port}'");

        Assert.True(result.IsAccepted, result.Message);
        var target = string.Create(CultureInfo.InvariantCulture, $"CONNECT ledger.bank.example:{server.Port} HTTP/1.1");
        Assert.Equal([target], proxy.Requests);
        Assert.Single(server.Requests);
    }

    private async Task<ConsumeResult> SendAsync(ScriptedServer server, string tls, string host = "127.0.0.1", string more = "")
    {
        var config = ExporterHarness.Config<OtlpHttpConfig>(
            new OtlpHttpFactory(),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{{endpoint: 'https://{host}:{server.Port}', compression: none, tls: {{{tls}}}{more}}}"));
        using var sender = new OtlpHttpSender(_harness.Context("otlp_http"), config);
        await sender.StartAsync(Cancel);
        using var batch = Batches.Traces();
        return await sender.SendAsync(batch, Cancel);
    }
}
