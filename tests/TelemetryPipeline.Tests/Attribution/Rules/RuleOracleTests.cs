using System.Globalization;
using System.Linq;
using System.Text;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.TestSupport.Otlp;
using YamlDotNet.RepresentationModel;

namespace TelemetryPipeline.Tests.Attribution.Rules;

/// <summary>The compiled rules against an evaluator that walks the YAML over protoc's types.</summary>
public sealed class RuleOracleTests(ITestOutputHelper output)
{
    private const int RulesPerSet = 25;

    [Fact]
    public void Match_RandomRulesAndSpans_AgreesWithTheNaiveEvaluator()
    {
        const int Sets = 120;
        const int SpansPerSet = 40;
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new RandomRules(new Random(seed));
        var (pairs, hits) = (0, 0);
        for (var set = 0; set < Sets; set++)
        {
            string[] whens = [.. Enumerable.Range(0, RulesPerSet).Select(_ => random.SpanCondition(2))];
            var rules = RuleTexts.Load(File(whens, ""));
            YamlNode[] trees = [.. whens.Select(NaiveRules.Parse)];
            NaiveSpan[] spans = [.. Enumerable.Range(0, SpansPerSet).Select(_ => random.Span())];
            using var batch = OtlpPayloads.Batch(Request(spans));
            var view = batch.View(0);
            var matcher = rules.CreateMatcher();
            for (var s = 0; s < spans.Length; s++)
            {
                var held = RuleTexts.Hits(rules, matcher, view, view.Spans[s]).ToHashSet();
                for (var r = 0; r < whens.Length; r++)
                {
                    var expected = NaiveRules.HoldsForSpan(trees[r], spans[s]);
                    Assert.True(expected == held.Contains($"r{r}"), $"seed {seed}: {whens[r]} should be {expected} for {spans[s]}");
                    pairs++;
                    hits += expected ? 1 : 0;
                }
            }
        }

        output.WriteLine($"{pairs} pairs, {hits} hits");
        Assert.True(pairs >= 100_000);
        Assert.InRange(hits, pairs / 20, pairs * 19 / 20);
    }

    [Fact]
    public void HoldsForTrace_RandomRulesAndTraces_AgreesWithTheNaiveEvaluator()
    {
        const int Sets = 60;
        const int TracesPerSet = 15;
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var source = new Random(seed);
        var random = new RandomRules(source);
        var (pairs, hits) = (0, 0);
        for (var set = 0; set < Sets; set++)
        {
            string[] whens = [.. Enumerable.Range(0, RulesPerSet).Select(_ => random.TraceCondition(2))];
            var rules = RuleTexts.Load(File(whens, "scope: trace"));
            YamlNode[] trees = [.. whens.Select(NaiveRules.Parse)];
            for (var trace = 0; trace < TracesPerSet; trace++)
            {
                NaiveSpan[] spans = [.. Enumerable.Range(0, source.Next(1, 6)).Select(_ => random.Span())];
                var chain = random.Chain(spans.Length);
                var held = Held(rules, spans, chain);
                for (var r = 0; r < whens.Length; r++)
                {
                    var expected = NaiveRules.HoldsForTrace(trees[r], spans, chain);
                    Assert.True(
                        expected == held[r], $"seed {seed}: {whens[r]} should be {expected} for {chain} and {string.Join<NaiveSpan>('\n', spans)}");
                    pairs++;
                    hits += expected ? 1 : 0;
                }
            }
        }

        output.WriteLine($"{pairs} pairs, {hits} hits");
        Assert.InRange(hits, pairs / 20, pairs * 19 / 20);
    }

    private static string File(string[] whens, string more)
    {
        var text = new StringBuilder();
        for (var i = 0; i < whens.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"- id: r{i}\n  when: {whens[i]}\n  then: {{category: c, root_cause: x}}\n  {more}\n");
        }

        return text.ToString();
    }

    private static ExportTraceServiceRequest Request(NaiveSpan[] spans) => new()
    {
        ResourceSpans =
        {
            spans.Select(static span => new ResourceSpans
            {
                Resource = span.Resource,
                ScopeSpans = { new ScopeSpans { Scope = new InstrumentationScope { Name = span.ScopeName }, Spans = { span.Span } } },
            }),
        },
    };

    private static bool[] Held(RuleSet rules, NaiveSpan[] spans, NaiveChain chain)
    {
        using var batch = OtlpPayloads.Batch(Request(spans));
        var view = batch.View(0);
        var all = new PredicateHits(new ulong[PredicateHits.WordsFor(rules.TracePredicateCount)]);
        var one = new PredicateHits(new ulong[PredicateHits.WordsFor(rules.PredicateCount)]);
        var matcher = rules.CreateMatcher();
        foreach (ref readonly var span in view.Spans)
        {
            matcher.Match(view, span, one);
            all.Add(one);
        }

        var facts = new ChainFacts
        {
            Steps = [.. chain.Steps.Select(Step)],
            Root = Step(chain.Root),
            IsChainComplete = chain.ChainComplete,
            IsTraceComplete = chain.TraceComplete,
            HasBrokenContext = chain.BrokenContext,
            ClockSkewNs = chain.SkewNs,
            SpanCount = chain.SpanCount,
            DurationNs = chain.DurationNs,
        };
        var held = new bool[rules.Rules.Count];
        for (var i = 0; i < held.Length; i++)
        {
            held[i] = rules.Rules[i].HoldsForTrace(all, facts);
        }

        return held;
    }

    private static ChainNodeTexts Step((string Service, string NodeType, string Name, string Code) step) => new()
    {
        Service = Encoding.UTF8.GetBytes(step.Service),
        NodeType = Encoding.UTF8.GetBytes(step.NodeType),
        Name = Encoding.UTF8.GetBytes(step.Name),
        Code = Encoding.UTF8.GetBytes(step.Code),
    };
}
