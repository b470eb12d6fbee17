using System.Linq;
using System.Text;
using Microsoft.AspNetCore.Http;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.FieldEncryption.KeyService;
using TelemetryPipeline.TestSupport;
using TelemetryPipeline.Tests.Pipeline.Tls;
using TelemetryPipeline.Tests.Processors.FinancialEnrichment;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.Tests.Processors.FieldEncryption.KeyService;

/// <summary>Data keys of a key service that is a real HTTP server.</summary>
public sealed class KeyServiceTests : IDisposable
{
    private const string Account = "6222020200112233445";
    private readonly string _token = Path.GetTempFileName();

    public KeyServiceTests() => File.WriteAllText(_token, "t0ken\n");

    public void Dispose() => File.Delete(_token);

    [Fact]
    public async Task Consume_DataKey_EncryptsAndIsUnwrappedAgain()
    {
        await using var service = await FakeTransit.StartAsync();
        await using var run = await EncryptionRun.StartAsync(Yaml(service.Port, "namespace: bank"));
        var span = await SendAsync(run);

        Assert.StartsWith("enc:v1:t:bank-a-key:vault:v1:", span.Text("account_number"), StringComparison.Ordinal);
        Assert.Equal((Account, null), await run.DecryptAsync(span.Text("account_number")!, "bank-a", "account_number"));
        Assert.Equal([("datakey/plaintext/bank-a-key", "bank"), ("decrypt/bank-a-key", "bank")], service.Requests);
        Assert.Equal(1, run.Harness.Metric("otelcol_processor_field_encryption_key_fetches", "outcome=\"success\""));
        Assert.Equal(1, run.Harness.Metric("otelcol_processor_field_encryption_data_keys"));
    }

    // Scenario: the key's time is three quarters over, the service gives another; then it is gone and time passes.
    // Guarantees: the new key is used, the old values still decrypt, and past its lifetime nothing is encrypted or clear.
    [Fact]
    public async Task Consume_LifetimeOver_TakesTheNextKeyOrRedacts()
    {
        await using var service = await FakeTransit.StartAsync();
        var harness = new ProcessorHarness();
        await using var run = await EncryptionRun.StartAsync(Yaml(service.Port, "key_lifetime: 100s"), harness);
        var first = (await SendAsync(run)).Text("account_number")!;
        harness.Time.Advance(TimeSpan.FromSeconds(76));
        await Until.TrueAsync(() => service.CountOf("datakey/plaintext/bank-a-key") == 2 && Fetches(run, "success") == 2);
        var second = (await SendAsync(run)).Text("account_number")!;
        Assert.NotEqual(WrappedKey(first), WrappedKey(second));
        Assert.Equal((Account, null), await run.DecryptAsync(first, "bank-a", "account_number"));
        Assert.Equal((Account, null), await run.DecryptAsync(second, "bank-a", "account_number"));

        service.Fault = static context => Task.FromResult(context.Response.StatusCode = 503);
        harness.Time.Advance(TimeSpan.FromSeconds(76));
        await Until.TrueAsync(() => Fetches(run, "failure") == 1);
        Assert.Equal(WrappedKey(second), WrappedKey((await SendAsync(run)).Text("account_number")!));
        harness.Time.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal("[REDACTED:key_expired]", (await SendAsync(run)).Text("account_number"));
        Assert.Equal(1, run.Redacted("key_expired"));
        Assert.Equal(ComponentStatus.RecoverableError, run.Statuses[^1].Status);

        await Until.TrueAsync(() => Fetches(run, "failure") == 2);
        service.Fault = null;
        harness.Time.Advance(TimeSpan.FromSeconds(31));
        await Until.TrueAsync(() => Fetches(run, "success") == 3);
        Assert.True(EncryptionRun.IsEncrypted((await SendAsync(run)).Text("account_number")));
        Assert.Equal(ComponentStatus.OK, run.Statuses[^1].Status);
    }

    [Fact]
    public async Task Consume_UsesNearlyOver_TakesTheNextKey()
    {
        await using var service = await FakeTransit.StartAsync();
        var harness = new ProcessorHarness();
        await using var run = await EncryptionRun.StartAsync(Yaml(service.Port, "max_uses: 1024"), harness);
        var wrapped = new HashSet<string>();
        var redacted = 0;
        for (var i = 0; i < 1100; i++)
        {
            var text = (await SendAsync(run)).Text("account_number")!;
            redacted += text == "[REDACTED:key_exhausted]" ? 1 : 0;
            wrapped.Add(WrappedKey(text));
        }

        // 1024 values, but for nonces that a cipher on another core has taken and not used.
        Assert.Equal(redacted, run.Redacted("key_exhausted"));
        Assert.True(redacted >= 1100 - 1024, $"{redacted}");
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        await Until.TrueAsync(() => Fetches(run, "success") == 2);
        Assert.True(EncryptionRun.IsEncrypted((await SendAsync(run)).Text("account_number")));
    }

    [Fact]
    public async Task StartAsync_ServiceDown_StartsAndRedactsUntilItIsThere()
    {
        var port = FreePorts.Take(1)[0];
        var harness = new ProcessorHarness();
        await using var run = await EncryptionRun.StartAsync(Yaml(port), harness);
        Assert.Equal("[REDACTED:key_service]", (await SendAsync(run)).Text("account_number"));
        Assert.Equal(1, run.Redacted("key_service"));
        Assert.Contains($"no data key for \"bank-a-key\": http://127.0.0.1:{port}/v1/transit/datakey/plaintext/bank-a-key: ", run.Statuses[^1].Message, StringComparison.Ordinal);

        await using var service = await FakeTransit.StartAsync(port);
        harness.Time.Advance(TimeSpan.FromSeconds(2));
        await Until.TrueAsync(() => Fetches(run, "success") == 1);
        Assert.True(EncryptionRun.IsEncrypted((await SendAsync(run)).Text("account_number")));
    }

    // Guarantees: the start waits for a slow service no longer than its time limit, and spans not at all.
    [Fact]
    public async Task StartAsync_ServiceSlow_GivesUpAfterItsTimeLimit()
    {
        await using var service = await FakeTransit.StartAsync();
        using var asked = new SemaphoreSlim(0);
        service.Fault = async context =>
        {
            asked.Release();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        };
        var harness = new ProcessorHarness();
        var starting = EncryptionRun.StartAsync(Yaml(service.Port, "timeout: 3s"), harness);
        await asked.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(starting.IsCompleted);
        harness.Time.Advance(TimeSpan.FromSeconds(3));
        await using var run = await starting;

        Assert.Equal("[REDACTED:key_service]", (await SendAsync(run)).Text("account_number"));
        Assert.Contains("did not answer within 3 s", run.Statuses[^1].Message, StringComparison.Ordinal);

        // While the next request hangs, spans go on.
        harness.Time.Advance(TimeSpan.FromSeconds(2));
        await asked.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("[REDACTED:key_service]", (await SendAsync(run)).Text("account_number"));
    }

    [Theory]
    [InlineData(200, "<html>", "answers something that is not JSON")]
    [InlineData(200, "[]", "its answer has no text \"data\".\"ciphertext\"")]
    [InlineData(200, "{\"data\":{\"ciphertext\":7}}", "its answer has no text \"data\".\"ciphertext\"")]
    [InlineData(200, "{\"data\":{\"ciphertext\":\"a b\",\"plaintext\":\"AA==\"}}", "its \"ciphertext\" is not a wrapped key of at most 512 characters")]
    [InlineData(200, "{\"data\":{\"ciphertext\":\"vault:v1:AA\",\"plaintext\":\"c2VjcmV0\"}}", "its \"plaintext\" is not base64 of 32 bytes")]
    [InlineData(200, "{\"data\":{\"ciphertext\":\"vault:v1:AA\",\"plaintext\":\"%%\"}}", "its \"plaintext\" is not base64 of 32 bytes")]
    [InlineData(403, "{\"errors\":[\"permission denied\"]}", "/v1/transit/datakey/plaintext/bank-a-key answers 403: permission denied")]
    [InlineData(302, "", "/v1/transit/datakey/plaintext/bank-a-key answers 302")]
    [InlineData(503, "{\"errors\":[\"Vault is sealed\"]}", "answers 503: Vault is sealed")]
    public async Task Consume_ServiceAnswersGarbage_RedactsAndSaysWhat(int status, string answer, string problem)
    {
        await using var service = await FakeTransit.StartAsync();
        service.Fault = context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(answer);
        };
        await using var run = await EncryptionRun.StartAsync(Yaml(service.Port));

        Assert.Equal("[REDACTED:key_service]", (await SendAsync(run)).Text("account_number"));
        Assert.Contains(problem, run.Statuses[^1].Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", run.Statuses[^1].Message, StringComparison.Ordinal);
        Assert.Equal(1, Fetches(run, "failure"));
    }

    // The second form of each is the bytes of Latin-1, which are not UTF-8.
    [Theory]
    [InlineData(503, "{\"zz\\ud83d\":1,\"errors\":[\"sealed\\ud83d\"]}", "answers 503: sealed\uFFFD")]
    [InlineData(503, "{\"\u00ff\":1,\"errors\":[\"sealed\u00ff\"]}", "answers 503: sealed\uFFFD")]
    [InlineData(200, "{\"zz\\ud83d\":1,\"data\":{\"ciphertext\":\"vault:v1:\\ud83d\",\"plaintext\":\"AA==\"}}", "its \"ciphertext\" is not a wrapped key")]
    [InlineData(200, "{\"data\":{\"ciphertext\":\"vault:v1:\u00ff\",\"plaintext\":\"AA==\"}}", "its \"ciphertext\" is not a wrapped key")]
    public async Task Consume_ServiceAnswersNoUnicode_RedactsAndSaysWhat(int status, string latin, string problem)
    {
        await using var service = await FakeTransit.StartAsync();
        service.Fault = async context =>
        {
            context.Response.StatusCode = status;
            await context.Response.Body.WriteAsync(Encoding.Latin1.GetBytes(latin));
        };
        await using var run = await EncryptionRun.StartAsync(Yaml(service.Port));

        Assert.Equal("[REDACTED:key_service]", (await SendAsync(run)).Text("account_number"));
        Assert.Contains(problem, run.Statuses[^1].Message, StringComparison.Ordinal);
        Assert.Equal(1, Fetches(run, "failure"));
    }

    [Fact]
    public async Task Consume_ServiceSendsWithoutEnd_IsAFailure()
    {
        await using var service = await FakeTransit.StartAsync();
        service.Fault = static async context =>
        {
            for (var i = 0; i < 200; i++)
            {
                await context.Response.WriteAsync(new string(' ', 1024));
            }
        };
        await using var run = await EncryptionRun.StartAsync(Yaml(service.Port));

        Assert.Equal("[REDACTED:key_service]", (await SendAsync(run)).Text("account_number"));
        Assert.Equal(1, Fetches(run, "failure"));
    }

    [Fact]
    public async Task Consume_NoTokenFile_IsAFailureThatNamesIt()
    {
        await using var service = await FakeTransit.StartAsync();
        File.Delete(_token);
        await using var run = await EncryptionRun.StartAsync(Yaml(service.Port));

        Assert.Contains(_token, run.Statuses[^1].Message, StringComparison.Ordinal);
        Assert.Equal("[REDACTED:key_service]", (await SendAsync(run)).Text("account_number"));
    }

    [Fact]
    public async Task Consume_TenantsThatAreNotNamed_GetAKeyOfTheirOwn()
    {
        await using var service = await FakeTransit.StartAsync();
        var yaml = Yaml(service.Port).Replace("tenant: bank-a, transit_key: bank-a-key", "transit_key: 'tenant-{tenant}'", StringComparison.Ordinal);
        await using var run = await EncryptionRun.StartAsync(yaml);
        Assert.Equal("[REDACTED:key_service]", (await SendAsync(run)).Text("account_number"));
        await Until.TrueAsync(() => Fetches(run, "success") == 1);
        var text = (await SendAsync(run)).Text("account_number")!;

        Assert.StartsWith("enc:v1:t:tenant-bank-a:vault:v1:", text, StringComparison.Ordinal);
        Assert.Equal((Account, null), await run.DecryptAsync(text, "bank-a", "account_number"));
        foreach (var tenant in (string[])["..", "../sys/seal", "a/b", "", "a?b", new string('x', 65)])
        {
            var span = new SpanBuilder("x").With("account_number", Account).With("tenant.id", tenant).Build();
            Assert.Equal("[REDACTED:no_key]", (await run.SendAsync(span)).Text("account_number"));
        }

        Assert.Equal(["datakey/plaintext/tenant-bank-a", "decrypt/tenant-bank-a"], service.Requests.Select(r => r.Path).Distinct());
    }

    [Fact]
    public void Of_MoreTenantsThanKeysAreKeptFor_AreRefused()
    {
        var made = 0;
        var keys = new TenantDataKeys("{tenant}", name => new DataKeyRing(name, Settings(), TimeProvider.System) is var ring && made++ >= 0 ? ring : ring);
        for (var i = 0; i < TenantDataKeys.TenantsMax + 10; i++)
        {
            keys.Of(Encoding.UTF8.GetBytes($"t{i}"));
        }

        Assert.Equal(TenantDataKeys.TenantsMax, made);
        Assert.Null(keys.Of("another"u8).Current(default, out var reason));
        Assert.Equal("TooManyTenants", reason.ToString());
        Assert.Null(keys.Of("t5"u8).Current(default, out reason));
        Assert.Equal("KeyService", reason.ToString());
    }

    // Guarantees: over https the service's certificate must come from the configured authority, else no token is sent.
    [Fact]
    public async Task Consume_ServiceOverTls_IsTrustedByItsAuthorityOnly()
    {
        using var certificates = new TestCertificates();
        using var others = new TestCertificates("other");
        using var leaf = certificates.Sign("vault");
        await using var service = await FakeTransit.StartAsync(certificate: leaf);
        string Tls(TestCertificates authority) =>
            Yaml(service.Port, $"tls: {{ca_file: \"{authority.CaFile}\"}}").Replace("http://127.0.0.1", "https://localhost", StringComparison.Ordinal);

        await using var wary = await EncryptionRun.StartAsync(Tls(others));
        Assert.Equal("[REDACTED:key_service]", (await SendAsync(wary)).Text("account_number"));
        Assert.Empty(service.Requests);

        await using var run = await EncryptionRun.StartAsync(Tls(certificates));
        var text = (await SendAsync(run)).Text("account_number")!;
        Assert.Equal((Account, null), await run.DecryptAsync(text, "bank-a", "account_number"));

        var error = await Assert.ThrowsAsync<ComponentStartException>(
            () => EncryptionRun.StartAsync(Tls(certificates).Replace("ca.crt", "none.crt", StringComparison.Ordinal)));
        Assert.Contains("none.crt", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Decrypt_ServiceDoesNotKnowTheKey_SaysSo()
    {
        await using var service = await FakeTransit.StartAsync();
        await using var run = await EncryptionRun.StartAsync(Yaml(service.Port));
        var text = (await SendAsync(run)).Text("account_number")!;
        var foreign = text.Replace("vault:v1:", "vault:v1:x", StringComparison.Ordinal);

        Assert.Equal(
            "the key service does not unwrap its data key with \"bank-a-key\": /v1/transit/decrypt/bank-a-key answers 400: invalid ciphertext",
            (await run.DecryptAsync(foreign, "bank-a", "account_number")).Problem);
    }

    private static KeyServiceConfig Settings() => new() { Endpoint = new Uri("http://localhost") };

    private static async Task<Span> SendAsync(EncryptionRun run) =>
        await run.SendAsync(new SpanBuilder("x").With("account_number", Account).Build(), ("tenant.id", "bank-a"));

    private static double Fetches(EncryptionRun run, string outcome) =>
        run.Harness.Metric("otelcol_processor_field_encryption_key_fetches", $"outcome=\"{outcome}\"");

    private static string WrappedKey(string text) => text[..Math.Max(text.LastIndexOf(':'), 0)];

    private string Yaml(int port, string more = "") => $$"""
        keys: [{tenant: bank-a, transit_key: bank-a-key}]
        key_service:
          endpoint: http://127.0.0.1:{{port}}
          token_file: "{{_token}}"
          {{more}}
        """;
}
