using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Tests.Otlp;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.TestSupport.Rules;

namespace TelemetryPipeline.Tests.Attribution.Rules;

public sealed class RuleMatcherTests
{
    private const string SeedForm =
        """
        - id: insufficient_balance
          when:
            span.status: FAILED
            span.code: ERR_INSUFFICIENT_BALANCE
          then:
            category: "funding"
            root_cause: "account_balance_insufficient"
            priority: "P0"
            notify: ["fund-ops", "risk-team"]
        """;

    [Fact]
    public void Load_ShortForm_IsTakenUnchanged()
    {
        var rule = RuleTexts.Load(SeedForm).Rules[0];

        Assert.Equal("insufficient_balance", rule.Id);
        Assert.Equal(1, rule.Version);
        Assert.Equal(RuleStatus.Active, rule.Status);
        Assert.Equal(RuleScope.Span, rule.Scope);
        Assert.Equal(("funding", "account_balance_insufficient", RulePriority.P0), (rule.Then.Category, rule.Then.RootCause, rule.Then.Priority));
        Assert.Equal(["fund-ops", "risk-team"], rule.Then.Notify);
        Assert.Equal(["span.status", "code"], Array.ConvertAll([.. rule.EvidenceKeys], key => key.Name));
    }

    [Theory]
    [InlineData("ERR_INSUFFICIENT_BALANCE", true)]
    [InlineData("ERR_INSUFFICIENT_BALANCE_RETRY", false)]
    [InlineData("ERR_INSUFFICIENT", false)]
    public void Match_CodeOfTheRule_OnlyExactly(string code, bool expected)
    {
        var span = new SpanBuilder("core.v1.Ledger/Deduct").With("status", "reject").With("code", code).Build();

        Assert.Equal(expected, RuleTexts.Hits(RuleTexts.Load(SeedForm), RuleTexts.Request(span)).Length == 1);
    }

    [Theory]
    [InlineData("FAILED", null, false, true)]
    [InlineData("timeout", null, false, true)]
    [InlineData("reject", null, false, true)]
    [InlineData("success", null, false, false)]
    [InlineData("success", "ERR_X", false, true)]
    [InlineData(null, "NOTE_X", false, false)]
    [InlineData(null, null, true, true)]
    [InlineData(null, null, false, false)]
    public void Match_Verdict_FollowsStatusAttributeAndCode(string? status, string? code, bool otlpError, bool failed)
    {
        var span = new SpanBuilder("transfer");
        span = status is null ? span : span.With("status", status);
        span = code is null ? span : span.With("code", code);
        span = otlpError ? span.Failed() : span;
        var rules = RuleTexts.Load(RuleTexts.Rule("{span.status: FAILED}", id: "f"), RuleTexts.Rule("{span.status: OK}", id: "o"));

        Assert.Equal([failed ? "f" : "o"], RuleTexts.Hits(rules, RuleTexts.Request(span.Build())));
    }

    [Theory]
    [InlineData("{payment_channel: alipay}", true)]
    [InlineData("{span.attributes.payment_channel: alipay}", true)]
    [InlineData("{resource.payment_channel: alipay}", false)]
    [InlineData("{resource.payment_channel: wechat}", true)]
    [InlineData("{payment_channel: wechat}", false)]
    [InlineData("{tenant.id: bank-a}", true)]
    [InlineData("{span.attributes.tenant.id: bank-a}", false)]
    [InlineData("{service.name: balance-ledger}", true)]
    public void Match_BareKey_LooksOnTheSpanThenTheResource(string when, bool expected) => Assert.Equal(
        expected,
        RuleTexts.Holds(
            when,
            new SpanBuilder("x").With("payment_channel", "alipay"),
            ("payment_channel", "wechat"),
            ("tenant.id", "bank-a"),
            ("service.name", "balance-ledger")));

    [Theory]
    [InlineData("{amount: 100}", true)]
    [InlineData("{amount: 100.0}", true)]
    [InlineData("{amount: '100'}", false)]
    [InlineData("{amount: '>= 100'}", true)]
    [InlineData("{amount: '> 100'}", false)]
    [InlineData("{amount: {'>': 99, '<': 100.5}}", true)]
    [InlineData("{amount: [7, 100]}", true)]
    [InlineData("{amount: {not_in: [7, 8]}}", true)]
    [InlineData("{amount: {'!=': 100}}", false)]
    [InlineData("{ratio: '< 0.6'}", true)]
    [InlineData("{ratio: '> 1'}", false)]
    [InlineData("{reversal: false}", true)]
    [InlineData("{reversal: 'false'}", false)]
    [InlineData("{currency: {starts_with: CN}}", true)]
    [InlineData("{currency: {matches: '^C.Y$'}}", true)]
    [InlineData("{amount: {matches: '100'}}", false)]
    [InlineData("{currency: {exists: true}}", true)]
    [InlineData("{currency: {exists: false}}", false)]
    [InlineData("{currency: '< 5'}", false)]
    [InlineData("{span.name: transfer, span.kind: server}", true)]
    [InlineData("{span.kind: [CLIENT, SPAN_KIND_PRODUCER]}", false)]
    [InlineData("{span.kind: {'!=': CLIENT}}", true)]
    [InlineData("{span.duration: '>= 5ms'}", true)]
    [InlineData("{span.duration: '>5ms'}", false)]
    [InlineData("{span.duration: {'<': 5.1ms}}", true)]
    [InlineData("{span.code: '== ERR_*'}", false)]
    public void Match_Operators_CompareByTypeWithoutConversion(string when, bool expected) => Assert.Equal(
        expected,
        RuleTexts.Holds(
            when,
            new SpanBuilder("transfer").With("amount", 100L).With("ratio", 0.5).With("reversal", false).With("currency", "CNY")));

    [Theory]
    [InlineData("{missing: x}", false)]
    [InlineData("{missing: {'!=': x}}", false)]
    [InlineData("{missing: {not_in: [x]}}", false)]
    [InlineData("{missing: {exists: false}}", true)]
    [InlineData("{not: {missing: x}}", true)]
    [InlineData("{not: {missing: {'!=': x}}}", true)]
    [InlineData("{not: {missing: '> 3'}}", true)]
    [InlineData("{not: {not: {missing: x}}}", false)]
    public void Match_MissingAttribute_ComparesFalseAndNotInverts(string when, bool expected) =>
        Assert.Equal(expected, RuleTexts.Holds(when, new SpanBuilder("transfer")));

    [Fact]
    public void Match_Wildcard_OnlyCodesOfTheWhitelist()
    {
        var rules = RuleTexts.Load(
            """
            version: 1
            whitelists:
              balance: [ERR_INSUFFICIENT_BALANCE, ERR_INSUFFICIENT_FUNDS, ERR_OTHER]
            rules:
              - id: by_name
                whitelist: balance
                when: {span.code: ERR_INSUFFICIENT_*}
                then: {category: c, root_cause: x}
              - id: in_place
                when: {span.code: {wildcard: "ERR_*", whitelist: [ERR_OTHER]}}
                then: {category: c, root_cause: x}
            """);
        string[] Of(string code) => RuleTexts.Hits(rules, RuleTexts.Request(new SpanBuilder("x").With("code", code).Build()));

        Assert.Equal(["by_name"], Of("ERR_INSUFFICIENT_BALANCE"));
        Assert.Equal(["by_name"], Of("ERR_INSUFFICIENT_FUNDS"));
        Assert.Empty(Of("ERR_INSUFFICIENT_BALANCE_RETRY"));
        Assert.Equal(["in_place"], Of("ERR_OTHER"));
    }

    [Fact]
    public void Match_Baseline_ComparesWithTheNodesOwnQuantile()
    {
        var rules = RuleTexts.Load(
            RuleTexts.Rule("{span.duration: '> baseline.p99'}", id: "above"), RuleTexts.Rule("{span.duration: '> 2 * baseline.p99'}", id: "twice"));
        var request = RuleTexts.Request(new SpanBuilder("x").At(1_000_000_000, 30_000_000).Build());

        Assert.Equal(["above", "twice"], RuleTexts.Hits(rules, request, new FixedBaseline(10_000_000)));
        Assert.Equal(["above"], RuleTexts.Hits(rules, request, new FixedBaseline(15_000_000)));
        Assert.Empty(RuleTexts.Hits(rules, request, new FixedBaseline(null)));
        Assert.Empty(RuleTexts.Hits(rules, request));
    }

    [Fact]
    public void Load_EqualConditions_AreOnePredicate()
    {
        var rules = RuleTexts.Load(
            RuleTexts.Rule("{span.code: A, payment_channel: [x, y]}", id: "a"),
            RuleTexts.Rule("{payment_channel: [y, x], span.code: A}", id: "b"),
            RuleTexts.Rule("{all: [{span.code: A}, {payment_channel: {in: [x, y]}}]}", id: "c"));

        Assert.Equal(1, rules.PredicateCount);
        Assert.Equal(3, rules.SpanRules(0).Length);
    }

    [Fact]
    public void Match_RuleThatIsOff_IsNotEvaluated()
    {
        var rules = RuleTexts.Load(RuleTexts.Rule("{span.name: transfer}", "status: off"));

        Assert.Equal(RuleStatus.Off, rules.Rules[0].Status);
        Assert.Equal(0, rules.PredicateCount);
    }

    [Fact]
    public void Match_ChangedAttribute_SeesTheChange()
    {
        var rules = RuleTexts.Load(RuleTexts.Rule("{tier: gold}"));
        using var batch = OtlpPayloads.Batch(RuleTexts.Request(new SpanBuilder("x").With("tier", "tin").Build()));
        var view = batch.View(0);
        var matcher = rules.CreateMatcher();
        Assert.Empty(RuleTexts.Hits(rules, matcher, view, view.Spans[0]));

        view.SetText(view.Spans[0].Node, "tier"u8, "gold"u8);

        Assert.Equal(["r"], RuleTexts.Hits(rules, matcher, view, view.Spans[0]));
    }

    [Fact]
    public void Match_Batch_AllocatesNothing()
    {
        var rules = RuleTexts.Load(ManyRules.Text(1000));
        using var batch = OtlpPayloads.Batch(new TransferTraces().Request(4, failing: true));
        var view = batch.View(0);
        var matcher = rules.CreateMatcher();
        matcher.Baseline = new FixedBaseline(1);
        var words = new ulong[PredicateHits.WordsFor(rules.PredicateCount)];

        Assert.Equal(0, Allocations.Least(() => MatchAll(matcher, view, words)));
    }

    private static void MatchAll(RuleMatcher matcher, OtlpView view, ulong[] words)
    {
        foreach (ref readonly var span in view.Spans)
        {
            matcher.Match(view, span, new PredicateHits(words));
        }

        matcher.Reset();
    }

    private sealed class FixedBaseline(long? quantileNs) : ILatencyBaseline
    {
        public bool TryGetQuantileNs(OtlpView view, in SpanRecord span, Quantile quantile, out long ns)
        {
            ns = quantileNs ?? 0;
            return quantileNs.HasValue;
        }
    }
}
