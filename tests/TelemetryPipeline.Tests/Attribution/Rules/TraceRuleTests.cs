using System.Linq;
using System.Text;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Tests.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Attribution.Rules;

public sealed class TraceRuleTests
{
    private static readonly string[] Failing = ["risk|risk-engine|ERR_A", "core|balance-ledger|ERR_B"];
    private static readonly string[] Fine = ["risk|risk-engine|", "core|balance-ledger|"];

    [Theory]
    [InlineData("{any_span: {span.code: ERR_B}}", true, false)]
    [InlineData("{any_span: {span.code: ERR_B, node_type: risk}}", false, false)]
    [InlineData("{all: [{any_span: {span.code: ERR_B}}, {any_span: {node_type: risk}}]}", true, false)]
    [InlineData("{no_span: {span.status: FAILED}}", false, true)]
    [InlineData("{not: {any_span: {span.status: FAILED}}}", false, true)]
    [InlineData("{every_span: {node_type: {exists: true}}}", true, true)]
    [InlineData("{every_span: {span.status: FAILED}}", true, false)]
    [InlineData("{any_span: {not: {node_type: risk}}}", true, true)]
    [InlineData("{any: [{no_span: {node_type: core}}, {any_span: {span.code: ERR_A}}]}", true, false)]
    public void HoldsForTrace_Quantifiers_SpeakOfSpans(string when, bool failing, bool fine)
    {
        var rules = RuleTexts.Load(RuleTexts.Rule(when, "scope: trace"));

        Assert.Equal(failing, Holds(rules, Failing, default));
        Assert.Equal(fine, Holds(rules, Fine, default));
    }

    [Theory]
    [InlineData("{origin.service: balance-ledger, origin.node_type: core, origin.code: ERR_B}", true)]
    [InlineData("{origin.service: {not_in: [risk-engine]}}", true)]
    [InlineData("{origin.code: {starts_with: ERR_A}}", false)]
    [InlineData("{origin.code: {exists: true}, origin.name: Deduct}", true)]
    [InlineData("{root.service: client-terminal, root.node_type: client}", true)]
    [InlineData("{path: [gateway, balance-ledger]}", true)]
    [InlineData("{path: [client, gateway, core, core]}", false)]
    [InlineData("{path: [core, gateway]}", false)]
    [InlineData("{path: risk}", false)]
    [InlineData("{depth: 3}", true)]
    [InlineData("{depth: '>= 4'}", false)]
    [InlineData("{depth: {'>': 1, '<=': 3}}", true)]
    [InlineData("{complete: true}", true)]
    [InlineData("{not: {path: [risk]}}", true)]
    [InlineData("{any: [{depth: 9}, {origin.code: [ERR_B, ERR_C]}]}", true)]
    public void HoldsForChain_Conditions_SpeakOfTheChain(string chain, bool expected)
    {
        var rule = RuleTexts.Load(RuleTexts.Rule("{span.status: FAILED}", $"chain: {chain}")).Rules[0];
        ChainNodeTexts[] steps = [Step("client-terminal", "client"), Step("mobile-bank-gateway", "gateway"), Step("balance-ledger", "core", "Deduct", "ERR_B")];

        Assert.True(rule.HasChain);
        Assert.Equal(expected, rule.HoldsForChain(new ChainFacts { Steps = steps, Root = steps[0], IsChainComplete = true }));
    }

    [Theory]
    [InlineData("{depth: 0}")]
    [InlineData("{complete: false}")]
    [InlineData("{origin.service: {'!=': x}}")]
    public void HoldsForChain_NoChain_ComparesFalse(string chain) => Assert.False(
        RuleTexts.Load(RuleTexts.Rule("{span.status: FAILED}", $"chain: {chain}")).Rules[0].HoldsForChain(default));

    [Theory]
    [InlineData("{trace.clock_skew: '> 100ms'}", true)]
    [InlineData("{trace.clock_skew: '> 200ms'}", false)]
    [InlineData("{trace.broken_context: true}", true)]
    [InlineData("{trace.complete: true}", false)]
    [InlineData("{trace.complete: false, trace.span_count: '> 2', trace.duration: '< 2s'}", true)]
    [InlineData("{trace.span_count: [4, 5]}", false)]
    [InlineData("{chain: {depth: '> 0'}}", false)]
    [InlineData("{not: {chain.complete: true}}", true)]
    public void HoldsForTrace_StructuralFacts(string when, bool expected)
    {
        var rules = RuleTexts.Load(RuleTexts.Rule(when, "scope: trace"));
        var facts = new ChainFacts { ClockSkewNs = 150_000_000, HasBrokenContext = true, SpanCount = 3, DurationNs = 1_000_000_000 };

        Assert.Equal(expected, rules.Rules[0].HoldsForTrace(default, facts));
    }

    [Theory]
    [InlineData("{any_span: {span.code: A}}", false)]
    [InlineData("{any: [{any_span: {span.code: A}}, {all: [{any_span: {span.code: B}}]}]}", false)]
    [InlineData("{no_span: {span.code: A}}", true)]
    [InlineData("{not: {any_span: {span.code: A}}}", true)]
    [InlineData("{any_span: {span.code: A}, trace.complete: true}", true)]
    public void NeedsWholeTrace_WhatMoreSpansCanUndo(string when, bool expected) => Assert.Equal(
        expected, RuleTexts.Load(RuleTexts.Rule(when, "scope: trace")).Rules[0].NeedsWholeTrace);

    [Fact]
    public void TracePredicates_ComeFirst()
    {
        var rules = RuleTexts.Load(
            RuleTexts.Rule("{span.code: A}", id: "s"), RuleTexts.Rule("{any_span: {span.code: B}, no_span: {span.code: C}}", "scope: trace", "t"));

        Assert.Equal(3, rules.PredicateCount);
        Assert.Equal(2, rules.TracePredicateCount);
        Assert.Equal(2, rules.Rules[0].Predicate);
        Assert.Equal([1], rules.TraceRules.ToArray());
    }

    [Fact]
    public void HoldsForTrace_AllocatesNothing()
    {
        var rules = RuleTexts.Load(RuleTexts.Rule(
            "{any_span: {span.code: A}, not: {chain.path: [a, b]}, any: [{chain.origin.code: {matches: 'ERR_'}}, {chain.depth: [1, 2]}]}", "scope: trace"));
        ulong[] words = [1];
        ChainNodeTexts[] steps = [Step("a", "client"), Step("c", "core", "Deduct", "ERR_B")];

        Assert.True(rules.Rules[0].HoldsForTrace(new PredicateHits(words), new ChainFacts { Steps = steps }));
        Assert.Equal(0, Allocations.Least(() => rules.Rules[0].HoldsForTrace(new PredicateHits(words), new ChainFacts { Steps = steps })));
    }

    private static bool Holds(RuleSet rules, string[] nodes, ChainFacts facts)
    {
        var all = new PredicateHits(new ulong[PredicateHits.WordsFor(rules.TracePredicateCount)]);
        var one = new PredicateHits(new ulong[PredicateHits.WordsFor(rules.PredicateCount)]);
        var matcher = rules.CreateMatcher();
        foreach (var node in nodes.Select(node => node.Split('|')))
        {
            var span = new SpanBuilder("x").With("node_type", node[0]);
            span = node[2].Length > 0 ? span.With("code", node[2]) : span;
            using var batch = OtlpPayloads.Batch(RuleTexts.Request(span.Build(), ("service.name", node[1])));
            var view = batch.View(0);
            matcher.Match(view, view.Spans[0], one);
            all.Add(one);
            matcher.Reset();
        }

        return rules.Rules[0].HoldsForTrace(all, facts);
    }

    private static ChainNodeTexts Step(string service, string nodeType, string name = "", string code = "") => new()
    {
        Service = Encoding.UTF8.GetBytes(service),
        NodeType = Encoding.UTF8.GetBytes(nodeType),
        Name = Encoding.UTF8.GetBytes(name),
        Code = Encoding.UTF8.GetBytes(code),
    };
}
