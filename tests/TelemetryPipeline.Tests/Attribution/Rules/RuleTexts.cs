using System.Linq;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Attribution.Rules;

/// <summary>Rules from text, and the spans they are asked about.</summary>
internal static class RuleTexts
{
    public static RuleSet Load(params string[] texts)
    {
        var result = RuleFiles.LoadTexts([.. texts.Select((text, i) => ($"rules{i}.yaml", text))], new AttributeSlots());
        return result.Rules ?? throw new ArgumentException(string.Join('\n', result.Errors));
    }

    /// <summary>Everything wrong with a file called <c>r.yaml</c>, an error a line.</summary>
    public static string Errors(string text)
    {
        var result = RuleFiles.LoadTexts([("r.yaml", text)], new AttributeSlots());
        Assert.Equal(result.Rules is null, result.Errors.Count > 0);
        return string.Join('\n', result.Errors);
    }

    /// <summary>A rule of one condition, written as flow or block YAML on one line.</summary>
    public static string Rule(string when, string more = "", string id = "r") =>
        $$"""
        - id: {{id}}
          when: {{when}}
          then: {category: c, root_cause: x}
          {{more}}
        """;

    public static ExportTraceServiceRequest Request(Span span, params (string Key, string Value)[] resource)
    {
        var envelope = new ResourceSpans { Resource = new Resource(), ScopeSpans = { new ScopeSpans { Spans = { span } } } };
        foreach (var (key, value) in resource)
        {
            envelope.Resource.Attributes.Add(new KeyValue { Key = key, Value = new AnyValue { StringValue = value } });
        }

        return new ExportTraceServiceRequest { ResourceSpans = { envelope } };
    }

    /// <summary>Ids of the rules of scope span that a span hits, chain conditions aside.</summary>
    public static string[] Hits(RuleSet rules, IMessage request, ILatencyBaseline? baseline = null)
    {
        using var batch = OtlpPayloads.Batch(request);
        var view = batch.View(0);
        var matcher = rules.CreateMatcher();
        matcher.Baseline = baseline;
        return Hits(rules, matcher, view, view.Spans[0]);
    }

    public static string[] Hits(RuleSet rules, RuleMatcher matcher, OtlpView view, in SpanRecord span)
    {
        var hits = new PredicateHits(new ulong[PredicateHits.WordsFor(rules.PredicateCount)]);
        var any = matcher.Match(view, span, hits);
        Assert.Equal(any, !hits.IsEmpty);
        var ids = new List<string>();
        for (var predicate = hits.Next(-1); predicate >= 0; predicate = hits.Next(predicate))
        {
            foreach (var rule in rules.SpanRules(predicate))
            {
                ids.Add(rules.Rules[rule].Id);
            }
        }

        return [.. ids.Order(StringComparer.Ordinal)];
    }

    /// <summary>Whether one condition holds for a span.</summary>
    public static bool Holds(string when, SpanBuilder span, params (string Key, string Value)[] resource) =>
        Hits(Load(Rule(when)), Request(span.Build(), resource)).Length == 1;
}
