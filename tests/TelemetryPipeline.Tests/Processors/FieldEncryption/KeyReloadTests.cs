using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Tests.Processors.FinancialEnrichment;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.FieldEncryption;

public sealed class KeyReloadTests : IDisposable
{
    private const string Account = "6222020200112233445";
    private const string KeyB = "ff112233445566778899aabbccddeeff00112233445566778899aabbccddee02";
    private readonly string _folder = Directory.CreateTempSubdirectory("field-encryption-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Consume_RotationByTime_TheActiveKeyEncryptsAndAllDecrypt()
    {
        var harness = new ProcessorHarness();
        harness.Time.SetUtcNow(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var run = await EncryptionRun.StartAsync(
            $$"""
            keys:
              - keys:
                  - {id: new, file: "{{File("b", KeyB)}}", from: "2026-02-01T00:00:00Z", until: "2026-03-01T00:00:00Z"}
                  - {id: old, file: "{{File("a", EncryptionRun.KeyA)}}"}
            """,
            harness);
        var before = await SendAsync(run);
        harness.Time.SetUtcNow(new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero));
        var after = await SendAsync(run);
        harness.Time.SetUtcNow(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        var fallback = await SendAsync(run);

        Assert.StartsWith("enc:v1:t:old:", before, StringComparison.Ordinal);
        Assert.StartsWith("enc:v1:t:new:", after, StringComparison.Ordinal);
        Assert.StartsWith("enc:v1:t:old:", fallback, StringComparison.Ordinal);
        Assert.Equal((Account, null), await run.DecryptAsync(before, "", "account_number"));
        Assert.Equal((Account, null), await run.DecryptAsync(after, "", "account_number"));
    }

    [Fact]
    public async Task Consume_EveryKeyPastItsTime_Redacts()
    {
        var harness = new ProcessorHarness();
        harness.Time.SetUtcNow(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var run = await EncryptionRun.StartAsync(
            $"keys: [{{keys: [{{id: a, file: \"{File("a", EncryptionRun.KeyA)}\", until: \"2026-02-01T00:00:00Z\"}}]}}]", harness);
        Assert.True(EncryptionRun.IsEncrypted(await SendAsync(run)));
        harness.Time.SetUtcNow(new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero));

        Assert.Equal("[REDACTED:key_expired]", await SendAsync(run));
        Assert.Equal(1, run.Redacted("key_expired"));
    }

    [Fact]
    public async Task Consume_KeyFileChanges_IsTakenOverOrTheOldKeyStays()
    {
        var file = File("k", EncryptionRun.KeyA);
        var harness = new ProcessorHarness();
        await using var run = await EncryptionRun.StartAsync($"keys: [{{keys: [{{id: k, file: \"{file}\"}}]}}]", harness);
        var first = await SendAsync(run);

        File("k", "not a key");
        harness.Time.Advance(TimeSpan.FromSeconds(3));
        harness.Time.Advance(TimeSpan.FromSeconds(3));
        var kept = await SendAsync(run);
        Assert.Equal((0, 1), (Reloads(run, "success"), Reloads(run, "failure")));
        Assert.Equal(ComponentStatus.RecoverableError, run.Statuses[^1].Status);
        Assert.Contains(file, run.Statuses[^1].Message, StringComparison.Ordinal);

        File("k", KeyB);
        harness.Time.Advance(TimeSpan.FromSeconds(3));
        var second = await SendAsync(run);
        Assert.Equal((1, 1), (Reloads(run, "success"), Reloads(run, "failure")));
        Assert.Equal(ComponentStatus.OK, run.Statuses[^1].Status);
        Assert.Equal((Account, null), await run.DecryptAsync(second, "", "account_number"));
        Assert.Contains("authentication fails", (await run.DecryptAsync(first, "", "account_number")).Problem, StringComparison.Ordinal);

        File("k", EncryptionRun.KeyA);
        Assert.Equal((Account, null), await run.DecryptAsync(first, "", "account_number"));
        Assert.Equal((Account, null), await run.DecryptAsync(kept, "", "account_number"));
    }

    [Fact]
    public async Task Consume_KeyFileDisappears_TheKeyStays()
    {
        var file = File("k", EncryptionRun.KeyA);
        var harness = new ProcessorHarness();
        await using var run = await EncryptionRun.StartAsync($"keys: [{{keys: [{{id: k, file: \"{file}\"}}]}}]", harness);
        System.IO.File.Delete(file);
        harness.Time.Advance(TimeSpan.FromSeconds(3));

        Assert.True(EncryptionRun.IsEncrypted(await SendAsync(run)));
        Assert.Equal(1, Reloads(run, "failure"));
    }

    private static async Task<string> SendAsync(EncryptionRun run)
    {
        Span span = await run.SendAsync(new SpanBuilder("x").With("account_number", Account).Build());
        return span.Text("account_number")!;
    }

    private static double Reloads(EncryptionRun run, string outcome) =>
        run.Harness.Metric("otelcol_processor_field_encryption_file_reloads", $"outcome=\"{outcome}\"");

    private string File(string name, string content) => EncryptionRun.KeyFile(_folder, name, content);
}
