using System.Linq;
using TelemetryPipeline.Attribution.Evaluation;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Attribution.Evaluation;

public sealed class RuleChangeTests
{
    [Fact]
    public async Task Use_AThousandTimesUnderLoad_JudgesEverySpanOnce()
    {
        const int Batches = 3000;
        const int TracesPerBatch = 8;

        // Room for all of them: a trace that is evicted before the slower sender comes to it would be judged again.
        var harness = new AttributionHarness(settings: new AttributionSettings { TracesMax = 1_000_000, BytesMax = 1L << 30, Shards = 8 });
        var sets = Enumerable.Range(0, 4).Select(n => AttributionHarness.Rules(
            AttributionHarness.InsufficientBalance + string.Concat(Enumerable.Range(0, n).Select(
                extra => $"\n- {{id: extra_{extra}, when: {{branch_no: b{extra}}}, then: {{category: c, root_cause: r}}}}")))).ToArray();
        var ids = new System.Collections.Concurrent.ConcurrentDictionary<UInt128, int>();
        harness.Attributor.Observer = e => _ = e.Revision > 1 ? 0 : ids.AddOrUpdate(e.Id, 1, (_, n) => n + 1);

        var senders = Enumerable.Range(0, 2).Select(sender => Task.Run(() =>
        {
            for (var n = 0; n < Batches; n++)
            {
                // Both senders have spans of the same traces, so that a trace is open while the rules change.
                var traces = Enumerable.Range(n * TracesPerBatch, TracesPerBatch).Select(t => (ulong)t + 1);
                using var batch = OtlpPayloads.Batch(AttributionHarness.Request(
                    traces.Select(t => ("ledger", harness.Refused(t, (ulong)sender + 1, 9).Build()))));
                harness.Attributor.Take(batch)?.Release();
            }
        })).ToArray();
        for (var change = 0; change < 1000; change++)
        {
            harness.Attributor.Use(sets[change % sets.Length])?.Release();
            harness.Attributor.Tick()?.Release();
            await Task.Yield();
        }

        await Task.WhenAll(senders);
        Assert.Equal(2 * Batches * TracesPerBatch, harness.Metric("spans"));
        Assert.Equal(0, harness.Metric("evicted_traces"));
        Assert.Equal(Batches * TracesPerBatch, ids.Count);
        Assert.All(ids.Values, n => Assert.Equal(1, n));
        Assert.Equal(Batches * TracesPerBatch, harness.Metric("rule_hits"));

        harness.Pass(TimeSpan.FromSeconds(30));
        Assert.Equal(1, harness.Attributor.GenerationCount);
        Assert.Equal(0, harness.Attributor.Parts.CaseBudget.UsedBytes);
    }

    [Fact]
    public void Use_SameIdAndVersion_GoesOnCounting()
    {
        var harness = new AttributionHarness();
        harness.Send(("ledger", harness.Refused(1, 1)));
        harness.Use(AttributionHarness.InsufficientBalance);
        harness.Send(("ledger", harness.Refused(2, 1)));

        Assert.Equal(2, harness.Attributor.Stats[0].HitCount);
        Assert.Equal(2, harness.Metric("rule_hits", "rule=\"insufficient_balance\",version=\"1\""));
    }

    [Fact]
    public void Ranks_RuleThatIsMadeSuperfluous_ComesAfterTheOneThatDoes()
    {
        var rules = AttributionHarness.Rules("""
            version: 1
            rules:
              - {id: a, when: {x: 1}, suppress: {when_fired: [b]}, then: {category: c, root_cause: r}}
              - {id: b, when: {x: 1}, suppress: {when_fired: [c]}, then: {category: c, root_cause: r}}
              - {id: c, when: {x: 1}, then: {category: c, root_cause: r}}
            """);

        var ranks = SuppressionOrder.Ranks(rules.Rules);
        Assert.Equal(["c", "b", "a"], rules.Rules.OrderBy(r => ranks[r.Index]).Select(r => r.Id));
    }
}
