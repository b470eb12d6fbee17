using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using TelemetryPipeline.Exporters.Otlp.Grpc;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Tests.Exporters.Otlp.Grpc;

public sealed class GrpcTlsTests : IDisposable
{
    private readonly ExporterHarness _harness = new();
    private readonly TestCertificates _certificates = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task Send_ServerOfOurAuthority_IsTrusted()
    {
        await using var server = await ScriptedServer.StartAsync(HttpProtocols.Http2, _certificates.Server);
        server.Answer = GrpcReplies.Ok();
        var result = await SendAsync(server, $"ca_file: {_certificates.AuthorityFile}");
        Assert.True(result.IsAccepted, result.Message);
    }

    [Fact]
    public async Task Send_UnknownAuthority_RetriesAsTlsFailure()
    {
        await using var server = await ScriptedServer.StartAsync(HttpProtocols.Http2, _certificates.Server);
        var result = await SendAsync(server, "");
        Assert.Equal((ConsumeOutcome.Retry, "tls_failed"), (result.Outcome, result.Reason));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Send_ServerNameOverride_IsTheNameThatIsChecked()
    {
        await using var server = await ScriptedServer.StartAsync(HttpProtocols.Http2, _certificates.Server);
        server.Answer = GrpcReplies.Ok();
        var authority = $"ca_file: {_certificates.AuthorityFile}";
        Assert.True((await SendAsync(server, $"{authority}, server_name_override: ledger.bank.example")).IsAccepted);
        Assert.Equal("ledger.bank.example", server.Last.Host);
        Assert.Equal("tls_failed", (await SendAsync(server, $"{authority}, server_name_override: other.example")).Reason);
    }

    [Fact]
    public async Task Send_ServerWantsAClientCertificate_GetsOurs()
    {
        await using var server = await ScriptedServer.StartAsync(
            HttpProtocols.Http2, _certificates.Server, _certificates.Authority);
        server.Answer = GrpcReplies.Ok();
        var authority = $"ca_file: {_certificates.AuthorityFile}";
        var result = await SendAsync(
            server, $"{authority}, cert_file: {_certificates.ClientFile}, key_file: {_certificates.ClientKeyFile}");
        Assert.True(result.IsAccepted, result.Message);
        Assert.Equal("CN=pipeline-client", server.Last.ClientCertificate);
        Assert.Equal(ConsumeOutcome.Retry, (await SendAsync(server, authority)).Outcome);
    }

    private async Task<ConsumeResult> SendAsync(ScriptedServer server, string tls)
    {
        var config = ExporterHarness.Config<OtlpGrpcConfig>(
            new OtlpGrpcFactory(), $"{{endpoint: '{IPAddress.Loopback}:{server.Port}', tls: {{{tls}}}}}");
        using var sender = new OtlpGrpcSender(_harness.Context("otlp_grpc"), config);
        await sender.StartAsync(Cancel);
        using var batch = Batches.Traces();
        return await sender.SendAsync(batch, Cancel);
    }
}
