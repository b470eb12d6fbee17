using System.Globalization;
using System.Linq;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StackExchange.Redis;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests.RedisStreams;

/// <summary>A Redis that speaks only TLS, asks clients for a certificate, and knows only one ACL user.</summary>
public sealed class TlsTests
{
    // Scenario: exporter and enrichment lookup connect with an authority, a client certificate, a user and a password.
    // Guarantees: both work, with the few rights that the documentation names.
    [Fact]
    public async Task Connect_AuthorityClientCertificateAndUser_ExporterAndLookupWork()
    {
        Assert.SkipWhen(RedisServer.Program is null, RedisServer.MissingReason);
        var folder = Directory.CreateTempSubdirectory("redis-tls-").FullName;
        try
        {
            WriteCertificates(folder);
            var ports = FreePorts.Take(2);
            await using var server = await RedisServer.StartAsync(
                ports[0], "--tls-port", ports[1].ToString(CultureInfo.InvariantCulture), "--tls-cert-file", Path.Combine(folder, "server.crt"),
                "--tls-key-file", Path.Combine(folder, "server.key"), "--tls-ca-cert-file", Path.Combine(folder, "ca.crt"), "--tls-auth-clients", "yes");
            await using var admin = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{ports[0]},allowAdmin=true");
            await admin.GetServer("127.0.0.1", ports[0]).ExecuteAsync(
                "ACL", "SETUSER", "collector", "on", ">secret", "~telemetry:*", "~order:*", "+hello", "+auth", "+client", "+ping", "+echo",
                "+info", "+cluster|nodes", "+config|get", "+select", "+xadd", "+pexpire", "+expire", "+hget");
            await admin.GetDatabase().HashSetAsync("order:1", "account", "PBOC-1");

            await using var collector = await CollectorProcess.StartAsync(Yaml(folder, ports[1]));
            using var load = new TransferLoad(collector.HttpEndpoint);
            await load.SendSpansAsync();
            Assert.Equal(0, await collector.StopAsync());

            var entry = Assert.Single(await StreamContents.ReadAsync(admin.GetDatabase(), "telemetry:traces"));
            Assert.Equal(load.AcceptedSpanIds.Order(), StreamContents.Spans(entry).Select(s => s.SpanId).Order());
            Assert.InRange((await admin.GetDatabase().KeyTimeToLiveAsync("telemetry:traces"))!.Value, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));
            var span = OpenTelemetry.Proto.Collector.Trace.V1.ExportTraceServiceRequest.Parser.ParseFrom((byte[])entry.Fields["data"]!)
                .ResourceSpans[0].ScopeSpans[0].Spans[0];
            Assert.Contains(span.Attributes, a => a is { Key: "biz.reserve_account", Value.StringValue: "PBOC-1" });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Yaml(string folder, int port)
    {
        var connection = $$"""
            endpoint: "127.0.0.1:{{port}}", username: collector, password: secret, tls: {ca_file: {{folder}}/ca.crt, cert_file: {{folder}}/client.crt, key_file: {{folder}}/client.key }
            """.Trim();
        return $$"""
            processors:
              attributes: {actions: [{key: order, value: "1", action: insert}]}
              financial_enrichment:
                lookups:
                  - {to: biz.reserve_account, from: order, unknown: hold, hold_time: 20s, redis: {hash: "order:{key}", field: account, {{connection}} } }
            exporters:
              redis_streams: {ttl: 1h, {{connection}} }
            service:
              telemetry: {metrics: {level: none} }
              pipelines:
                traces: {receivers: [otlp], processors: [attributes, financial_enrichment], exporters: [redis_streams]}
            """;
    }

    private static void WriteCertificates(string folder)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test Authority", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        File.WriteAllText(Path.Combine(folder, "ca.crt"), authority.ExportCertificatePem());
        foreach (var (name, usage) in (ReadOnlySpan<(string, string)>)[("server", "1.3.6.1.5.5.7.3.1"), ("client", "1.3.6.1.5.5.7.3.2")])
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var leaf = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            leaf.CertificateExtensions.Add(names.Build());
            leaf.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
            using var signed = leaf.Create(authority, now.AddHours(-1), now.AddDays(7), RandomNumberGenerator.GetBytes(8));
            File.WriteAllText(Path.Combine(folder, name + ".crt"), signed.ExportCertificatePem());
            File.WriteAllText(Path.Combine(folder, name + ".key"), key.ExportPkcs8PrivateKeyPem());
        }
    }
}
