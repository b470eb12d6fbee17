using System.Text;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.FinancialEnrichment;

public sealed class SaltReloadTests : IDisposable
{
    private const string Customer = "CUST-000815";
    private const string OtherSalt = "ffffffffffffffffeeeeeeeeeeeeeeee";
    private readonly string _old = Path.GetTempFileName();
    private readonly string _new = Path.GetTempFileName();

    public SaltReloadTests()
    {
        File.WriteAllText(_old, EnrichmentRun.Salt);
        File.WriteAllText(_new, OtherSalt);
    }

    private string Yaml => $$"""
        pseudonymize:
          algorithm: hmac_sha256
          salts:
            - keys:
                - {id: old, file: "{{_old}}", until: "2026-03-01T00:00:00Z"}
                - {id: new, file: "{{_new}}", from: "2026-02-01T00:00:00Z"}
        """;

    public void Dispose()
    {
        File.Delete(_old);
        File.Delete(_new);
    }

    [Fact]
    public async Task Consume_SaltFileChanges_MakesOtherPseudonymsUnderTheSameKeyId()
    {
        var (run, harness) = await StartAsync(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using (run)
        {
            var before = await SendAsync(run);
            File.WriteAllText(_old, OtherSalt + "\n");
            harness.Time.Advance(TimeSpan.FromSeconds(3));
            var after = await SendAsync(run);

            Assert.Equal(("old", Pseudonym(EnrichmentRun.Salt)), (before.Text("biz.customer_id.key_id"), before.Text("biz.customer_id")));
            Assert.Equal(("old", Pseudonym(OtherSalt)), (after.Text("biz.customer_id.key_id"), after.Text("biz.customer_id")));
            Assert.Equal((1, 0), (Reloads(harness, "success"), Reloads(harness, "failure")));
        }
    }

    // Guarantees: during an overlap a change of either file shows in its own pseudonym, and in that only.
    [Fact]
    public async Task Consume_SaltFileChangesInTheOverlap_KeepsTheOther()
    {
        var (run, harness) = await StartAsync(new DateTimeOffset(2026, 2, 15, 0, 0, 0, TimeSpan.Zero));
        await using (run)
        {
            File.WriteAllText(_old, "0000111122223333444455556666");
            harness.Time.Advance(TimeSpan.FromSeconds(3));
            var span = await SendAsync(run);

            Assert.Equal("new", span.Text("biz.customer_id.key_id"));
            Assert.Equal(Pseudonym(OtherSalt), span.Text("biz.customer_id"));
            Assert.Equal(Pseudonym("0000111122223333444455556666"), span.Text("biz.customer_id.previous"));
        }
    }

    [Theory]
    [InlineData("short")]
    [InlineData(null)]
    public async Task Consume_SaltFileBecomesWrong_TheOldSaltStaysAndIsCountedOnce(string? content)
    {
        var (run, harness) = await StartAsync(new DateTimeOffset(2026, 2, 15, 0, 0, 0, TimeSpan.Zero));
        await using (run)
        {
            File.Delete(_new);
            if (content is not null)
            {
                File.WriteAllText(_new, content);
            }

            harness.Time.Advance(TimeSpan.FromSeconds(3));
            harness.Time.Advance(TimeSpan.FromSeconds(3));
            var span = await SendAsync(run);

            Assert.Equal(Pseudonym(OtherSalt), span.Text("biz.customer_id"));
            Assert.Equal(Pseudonym(EnrichmentRun.Salt), span.Text("biz.customer_id.previous"));
            Assert.Equal((0, 1), (Reloads(harness, "success"), Reloads(harness, "failure")));

            File.WriteAllText(_new, "0000111122223333444455556666");
            harness.Time.Advance(TimeSpan.FromSeconds(3));
            Assert.Equal(Pseudonym("0000111122223333444455556666"), (await SendAsync(run)).Text("biz.customer_id"));
            Assert.Equal((1, 1), (Reloads(harness, "success"), Reloads(harness, "failure")));
        }
    }

    private async Task<(EnrichmentRun Run, ProcessorHarness Harness)> StartAsync(DateTimeOffset now)
    {
        var harness = new ProcessorHarness();
        harness.Time.SetUtcNow(now);
        return (await EnrichmentRun.StartAsync(Yaml, harness), harness);
    }

    private static async Task<Span> SendAsync(EnrichmentRun run) =>
        (await run.SendAsync(EnrichmentRun.Request(new SpanBuilder("x").With("biz.customer_id", Customer).Build())))
        .ResourceSpans[0].ScopeSpans[0].Spans[0];

    private static string Pseudonym(string salt) => Convert.ToHexStringLower(
        System.Security.Cryptography.HMACSHA256.HashData(Encoding.UTF8.GetBytes(salt), Encoding.UTF8.GetBytes(Customer)));

    private static double Reloads(ProcessorHarness harness, string outcome) =>
        harness.Metric("otelcol_processor_financial_enrichment_file_reloads", $"outcome=\"{outcome}\"");
}
