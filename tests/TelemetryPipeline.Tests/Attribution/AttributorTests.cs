using System.Linq;
using TelemetryPipeline.Attribution.Evaluation;

namespace TelemetryPipeline.Tests.Attribution;

public sealed class AttributorTests
{
    private const string Suppressed = """
        version: 1
        rules:
          - id: ledger
            when: {span.code: ERR_INSUFFICIENT_BALANCE}
            then: {category: funding, root_cause: balance, priority: P0}
          - id: any_failure
            when: {span.status: FAILED}
            suppress: {when_fired: [ledger]}
            then: {category: other, root_cause: failed, priority: P2}
        """;

    private const string Repeated = """
        version: 1
        rules:
          - id: repeated
            when: {span.code: ERR_INSUFFICIENT_BALANCE}
            group_by: [payment_channel]
            suppress: {for: 60s}
            then: {category: funding, root_cause: balance, priority: P1}
        """;

    private const string Hop = """
        version: 1
        rules:
          - id: hop
            scope: trace
            when:
              any_span: {node_type: core}
              no_span: {node_type: risk}
              trace.complete: true
            evidence: [branch_no, code]
            then: {category: topology, root_cause: risk_missing, priority: P1}
        """;

    private readonly AttributionHarness _harness = new();

    [Fact]
    public void Take_FailingSpan_MakesAnEventAtOnce()
    {
        _harness.Send(("balance-ledger", _harness.Refused(1, 11, 10)));

        var only = Assert.Single(_harness.Events);
        Assert.Equal("insufficient_balance", only.RuleId);
        Assert.Equal(1, only.Int("anomaly.revision"));
        Assert.Equal([11UL], only.Chain.Select(s => s.SpanId));
        Assert.False(only.Bool("anomaly.chain_complete"));
    }

    [Fact]
    public void Tick_MoreSpansCame_AmendsTheEventOnce()
    {
        _harness.Send(("balance-ledger", _harness.Refused(1, 11, 10)));
        _harness.Send(("account-core", _harness.Span("check", 1, 10, 9, 20)), ("gateway", _harness.Span("transfer", 1, 9, 0, 30)));
        Assert.Single(_harness.Events);
        _harness.Pass(TimeSpan.FromSeconds(2));

        Assert.Equal([1, 2], _harness.Events.Select(e => e.Int("anomaly.revision")));
        Assert.Single(_harness.Events.Select(e => e.Text("anomaly.event_id")).Distinct());
        Assert.Equal([9UL, 10, 11], _harness.Events[1].Chain.Select(s => s.SpanId));
        Assert.True(_harness.Events[1].Bool("anomaly.chain_complete"));
        Assert.Equal("gateway > account-core > balance-ledger", _harness.Events[1].Text("anomaly.path"));
    }

    [Fact]
    public void Tick_SpansAfterTheDecision_AmendAgain()
    {
        _harness.Send(("balance-ledger", _harness.Refused(1, 11, 10)), ("account-core", _harness.Span("check", 1, 10, 9, 20)));
        _harness.Pass(TimeSpan.FromSeconds(11));
        Assert.Equal(2, _harness.Events.Count);
        _harness.Send(("gateway", _harness.Span("transfer", 1, 9, 0, 12_000)));
        _harness.Pass(TimeSpan.FromSeconds(2));

        Assert.Equal(3, _harness.Events[^1].Int("anomaly.revision"));
        Assert.True(_harness.Events[^1].Bool("anomaly.chain_complete"));
        Assert.Equal(1, _harness.Metric("late_spans"));
    }

    [Fact]
    public void Take_SameCodeAlongTheChain_IsOneEventAboutWhereItBegan()
    {
        _harness.Send(("gateway", _harness.Refused(1, 1)));
        _harness.Send(("ledger", _harness.Refused(1, 3, 2)), ("core", _harness.Refused(1, 2, 1)));
        _harness.Pass(TimeSpan.FromSeconds(2));

        var newest = Assert.Single(_harness.Newest);
        Assert.Equal("ledger", newest.Text("anomaly.origin.service"));
        Assert.Equal(1, _harness.Metric("rule_hits"));
    }

    [Fact]
    public void Take_SpanSentAgain_IsIgnored()
    {
        _harness.Send(("ledger", _harness.Refused(1, 3)));
        _harness.Send(("ledger", _harness.Refused(1, 3)));
        _harness.Pass(TimeSpan.FromSeconds(2));

        Assert.Single(_harness.Events);
        Assert.Equal(1, _harness.Metric("duplicate_spans"));
    }

    [Fact]
    public void Take_SpanWithoutIds_StillMakesItsEvent()
    {
        _harness.Send(("ledger", _harness.Refused(1, 3).Trace(0, 0)));

        Assert.Single(_harness.Events);
        Assert.Empty(_harness.Events[0].Record.TraceId);
        Assert.Equal(1, _harness.Metric("unstored_spans", "no_ids"));
    }

    [Fact]
    public void Take_MoreSpansThanATraceMayHave_JudgesThemAll()
    {
        var harness = new AttributionHarness(settings: new AttributionSettings { SpansPerTraceMax = 3, Shards = 8 });
        for (var id = 1UL; id <= 5; id++)
        {
            harness.Send(("gateway", harness.Span("step", 1, id)));
        }

        harness.Send(("ledger", harness.Refused(1, 9, 1)));
        harness.Pass(TimeSpan.FromSeconds(12));

        Assert.Equal([9UL], Assert.Single(harness.Events).Chain.Select(s => s.SpanId));
        Assert.Equal(3, harness.Metric("unstored_spans", "trace_full"));
    }

    [Fact]
    public void Take_AnotherRuleExplainsIt_KeepsTheGeneralOneBack()
    {
        var harness = new AttributionHarness(Suppressed);
        harness.Send(("ledger", harness.Refused(1, 3)));

        Assert.Equal("ledger", Assert.Single(harness.Events).RuleId);
        Assert.Equal(1, harness.Metric("suppressed_hits", "other_rule"));
    }

    [Fact]
    public void Take_TheExplanationComesLater_ResolvesTheGeneralOne()
    {
        var harness = new AttributionHarness(Suppressed);
        harness.Send(("gateway", harness.Span("transfer", 1, 1).Failed()));
        harness.Send(("ledger", harness.Refused(1, 3, 1)));

        Assert.Equal(["any_failure firing", "ledger firing", "any_failure resolved"], harness.Events.Select(e => $"{e.RuleId} {e.State}"));
        Assert.Equal(2, harness.Events[2].Int("anomaly.revision"));
    }

    [Fact]
    public void Take_RepeatedInAGroup_FoldsUntilTheTimeIsOver()
    {
        var harness = new AttributionHarness(Repeated);
        for (var trace = 1UL; trace <= 4; trace++)
        {
            harness.Send(("ledger", harness.Refused(trace, 3).With("payment_channel", trace == 4 ? "nucc" : "unionpay")
                .With("biz.customer_id", $"c{trace}").With("amount", 100L).With("currency", "CNY")));
        }

        Assert.Equal(["payment_channel=unionpay", "payment_channel=nucc"], harness.Events.Select(e => e.Text("anomaly.group_key")));
        harness.Pass(TimeSpan.FromSeconds(61));
        harness.Send(("ledger", harness.Refused(9, 3).With("payment_channel", "unionpay").With("biz.customer_id", "c2")
            .With("amount", 50L).With("currency", "CNY")));

        var last = harness.Events[^1];
        Assert.Equal(2, last.Int("anomaly.suppressed"));
        Assert.Equal(2, last.Int("anomaly.impact.customers"));
        Assert.Equal(250, last.Int("anomaly.impact.amount"));
        Assert.Equal(2, harness.Metric("suppressed_hits", "repeated"));
    }

    [Fact]
    public void Tick_RuleOfScopeTrace_DecidesWhenTheTraceIsWhole()
    {
        var harness = new AttributionHarness(Hop);
        harness.Send(
            ("ledger", harness.Span("book", 1, 3, 1).With("node_type", "core").With("branch_no", "0755")),
            ("gateway", harness.Span("transfer", 1, 1).With("node_type", "gateway")));
        Assert.Empty(harness.Events);
        harness.Pass(TimeSpan.FromSeconds(2));

        var only = Assert.Single(harness.Events);
        Assert.Equal("trace", only.Text("anomaly.scope"));
        Assert.Equal("0755", only.Value("anomaly.evidence").KvlistValue.Values.Single(v => v.Key == "branch_no").Value.StringValue);
    }

    [Fact]
    public void Tick_LateSpanMakesARuleOfScopeTraceUntrue_ResolvesIt()
    {
        var harness = new AttributionHarness(Hop);
        harness.Send(
            ("ledger", harness.Span("book", 1, 3, 1).With("node_type", "core")),
            ("gateway", harness.Span("transfer", 1, 1).With("node_type", "gateway")));
        harness.Pass(TimeSpan.FromSeconds(2));
        harness.Send(("risk-engine", harness.Span("decide", 1, 4, 1).With("node_type", "risk")));
        harness.Pass(TimeSpan.FromSeconds(2));

        Assert.Equal(["firing", "resolved"], harness.Events.Select(e => e.State));
    }

    [Fact]
    public void Use_NewRules_ApplyToTracesThatOpenFromThenOn()
    {
        _harness.Send(("gateway", _harness.Span("transfer", 1, 1)));
        _harness.Use(AttributionHarness.InsufficientBalance.Replace("insufficient_balance", "renamed", StringComparison.Ordinal));
        _harness.Send(("ledger", _harness.Refused(1, 3, 1)), ("ledger", _harness.Refused(2, 3, 1)));

        Assert.Equal(["insufficient_balance", "renamed"], _harness.Events.Select(e => e.RuleId).Order());
        Assert.Equal(2, _harness.Attributor.GenerationCount);
        _harness.Pass(TimeSpan.FromSeconds(25));
        Assert.Equal(1, _harness.Attributor.GenerationCount);
    }

    [Fact]
    public void Flush_OpenTraces_AreDecided()
    {
        _harness.Send(("balance-ledger", _harness.Refused(1, 11, 10)), ("account-core", _harness.Span("check", 1, 10, 9)));
        _harness.Flush();

        Assert.Equal([10UL, 11], _harness.Newest.Single().Chain.Select(s => s.SpanId));
        Assert.Equal(1, _harness.Metric("decided_traces", "shutdown"));
    }

    [Fact]
    public void Take_ShadowRule_IsMarked()
    {
        var harness = new AttributionHarness(
            "version: 1\nrules:\n  - {id: trial, status: shadow, when: {span.status: FAILED}, then: {category: a, root_cause: b}}\n");
        harness.Send(("ledger", harness.Refused(1, 3)));

        Assert.True(Assert.Single(harness.Events).Bool("anomaly.shadow"));
        Assert.Equal(1, harness.Metric("shadow_events"));
    }
}
