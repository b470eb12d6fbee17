using System.Linq;
using TelemetryPipeline.Attribution.Evaluation;

namespace TelemetryPipeline.Tests.Attribution;

/// <summary>
/// Scenario: a span comes without its start or its end, or ended before it started.
/// Guarantees: rules, chains, evidence, baselines and the trace's facts take its duration for unknown, never for decades or for none.
/// </summary>
public sealed class UnknownDurationTests
{
    private const string Slow = """
        version: 1
        rules:
          - id: slow
            when: {span.duration: "> 1s"}
            then: {category: latency, root_cause: slow, priority: P1}
          - id: quick
            when: {span.duration: "<= 1s"}
            then: {category: latency, root_cause: quick, priority: P1}
        """;

    private const string Failing = """
        version: 1
        rules:
          - id: failed
            when: {span.status: FAILED}
            evidence: [span.duration, code]
            then: {category: other, root_cause: failed, priority: P1}
        """;

    private const string SlowTrace = """
        version: 1
        rules:
          - id: slow_trace
            scope: trace
            when: {trace.complete: true, trace.duration: "> 1s"}
            then: {category: latency, root_cause: slow, priority: P1}
          - id: skewed
            scope: trace
            when: {trace.complete: true, trace.clock_skew: "> 1s"}
            then: {category: clocks, root_cause: skew, priority: P1}
          - id: quick_trace
            scope: trace
            when: {trace.complete: true, trace.duration: "<= 1s"}
            then: {category: latency, root_cause: quick, priority: P1}
        """;

    private const string BeyondUsual = """
        version: 1
        rules:
          - id: unusual
            when: {span.duration: "> 2 * baseline.p50"}
            then: {category: latency, root_cause: unusual, priority: P1}
        """;

    private const ulong NowNs = AttributionHarness.Now * 1_000_000_000UL;

    [Theory]
    [InlineData(0, NowNs)]
    [InlineData(NowNs, 0)]
    [InlineData(NowNs, NowNs - 1)]
    public void Take_LatencyRule_DoesNotMatchEitherWay(ulong startNs, ulong endNs)
    {
        var harness = new AttributionHarness(Slow);
        harness.Send(("ledger", harness.Span("book", 1, 3).Between(startNs, endNs)));
        harness.Send(("ledger", harness.Span("book", 2, 4).Between(NowNs - 2_000_000_000, NowNs)));

        Assert.Equal("slow", Assert.Single(harness.Events).RuleId);
    }

    [Theory]
    [InlineData(0, NowNs, "no_start")]
    [InlineData(NowNs, 0, "no_end")]
    [InlineData(NowNs, NowNs - 1, "negative")]
    public void Take_FailingSpan_LeavesTheDurationOutOfChainAndEvidence(ulong startNs, ulong endNs, string reason)
    {
        var harness = new AttributionHarness(Failing);
        harness.Send(("ledger", harness.Refused(1, 3).Between(startNs, endNs)));

        var only = Assert.Single(harness.Events);
        Assert.DoesNotContain("duration_ns", only.Chain.Single().Entries.Values.Select(v => v.Key));
        Assert.Equal(["span.status", "code"], only.Value("anomaly.evidence").KvlistValue.Values.Select(v => v.Key));
        Assert.Equal(1, harness.Metric("unmeasured_spans", reason));
        Assert.Equal(1, harness.Metric("unmeasured_spans"));
    }

    [Fact]
    public void Take_FailingSpanWithoutIds_LeavesTheDurationOutToo()
    {
        var harness = new AttributionHarness(Failing);
        harness.Send(("ledger", harness.Refused(1, 3).Trace(0, 0).Between(0, NowNs)));

        Assert.DoesNotContain("duration_ns", Assert.Single(harness.Events).Chain.Single().Entries.Values.Select(v => v.Key));
    }

    [Fact]
    public void Tick_TraceWithASpanWithoutTimes_LastsAsLongAsTheOthersSay()
    {
        var harness = new AttributionHarness(SlowTrace);
        harness.Send(
            ("gateway", harness.Span("transfer", 1, 1, durationMs: 30)),
            ("ledger", harness.Span("book", 1, 3, 1).Between(0, NowNs)),
            ("core", harness.Span("check", 1, 4, 1).Between(NowNs, 0)),
            ("risk", harness.Span("decide", 1, 5, 1).Between(0, 0)));
        harness.Pass(TimeSpan.FromSeconds(2));

        Assert.Equal("quick_trace", Assert.Single(harness.Events).RuleId);
    }

    [Fact]
    public void Tick_TraceWithoutAnyStart_HasNoDuration()
    {
        var harness = new AttributionHarness(SlowTrace);
        harness.Send(("gateway", harness.Span("transfer", 1, 1).Between(0, NowNs)), ("ledger", harness.Span("book", 1, 3, 1).Between(0, NowNs)));
        harness.Pass(TimeSpan.FromSeconds(2));

        Assert.Empty(harness.Events);
    }

    [Fact]
    public void Tick_StepBelowAMovedClock_KeepsItsMissingStart()
    {
        var harness = new AttributionHarness();
        harness.Send(
            ("gateway", harness.Span("transfer", 1, 1, durationMs: 30)),
            ("core", harness.Span("check", 1, 2, 1).Between(NowNs - 5_000_000_000, NowNs - 4_990_000_000)),
            ("core", harness.Refused(1, 3, 2).Between(0, NowNs)));
        harness.Pass(TimeSpan.FromSeconds(2));

        var chain = harness.Newest.Single().Chain;
        Assert.Equal([1UL, 2, 3], chain.Select(s => s.SpanId));
        Assert.Equal((long)NowNs - 30_000_000, chain[1].Int("start_ns"));
        Assert.Equal(0, chain[2].Int("start_ns"));
    }

    [Fact]
    public void Take_SpansWithoutStart_DoNotMoveTheBaseline()
    {
        var harness = new AttributionHarness(BeyondUsual, new AttributionSettings { Shards = 8, BaselineSpansLeast = 20 });
        for (ulong trace = 1; trace <= 30; trace++)
        {
            harness.Send(("ledger", harness.Span("book", trace, 3)));
            harness.Send(("ledger", harness.Span("book", 100 + trace, 3).Between(0, NowNs)), ("ledger", harness.Span("book", 200 + trace, 3).Between(0, NowNs)));
        }

        harness.Pass(TimeSpan.FromSeconds(15));
        harness.Send(("ledger", harness.Span("book", 500, 3).Between(0, NowNs)));
        Assert.Empty(harness.Events);
        harness.Send(("ledger", harness.Span("book", 501, 3, durationMs: 40)));

        Assert.Equal("unusual", Assert.Single(harness.Events).RuleId);
    }
}
