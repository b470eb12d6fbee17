using System.Globalization;
using System.Linq;
using System.Text;
using CsCheck;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.FinancialEnrichment;

/// <summary>Mappings as the processor plans them, against mappings carried out one after the other on a dictionary.</summary>
public sealed class MappingProperties
{
    // The only value that is a time.
    private const long StartMs = (long)(TransferTraces.FirstStartNs / 1_000_000);
    private static readonly string[] Keys = ["a", "b", "c", "d", "currency"];
    private static readonly string[] Types = ["text", "text", "text", "int", "currency", "amount", "major_amount", "timestamp_ms"];

    private static readonly Gen<AnyValue> Values = AnyOf<Func<AnyValue>>(
        static () => Text("word"), static () => Text("17"), static () => Text("7.50"), static () => Text("cny"), static () => Text("USD"),
        static () => Text(""), static () => new AnyValue { IntValue = 250 }, static () => new AnyValue { IntValue = -3 },
        static () => new AnyValue { ArrayValue = new ArrayValue { Values = { Text("EUR"), Text("x") } } },
        static () => new AnyValue { ArrayValue = new ArrayValue { Values = { Text("41") } } },
        static () => new AnyValue { ArrayValue = new ArrayValue() },
        static () => Text(new string('l', 100)), static () => Text(new string('m', 200))).Select(static make => make());

    private static readonly Gen<Mapping> Mappings = Gen.Select(
        AnyOf(Keys), AnyOf(Types),
        Gen.Frequency((6, AnyOf(Keys)), (1, AnyOf(Keys).Select(static k => "resource:" + k)), (1, Gen.Const("span:start_time"))).Array[1, 3],
        Gen.Int[0, 3].Select(static n => n == 0)).Select(static (to, type, from, remove) => new Mapping(to, type, from, remove));

    private static readonly Gen<Dictionary<string, AnyValue>> Attributes =
        Gen.Select(AnyOf(Keys), Values).Array[0, 4].Select(
            static pairs => pairs.GroupBy(static p => p.Item1).ToDictionary(static g => g.Key, static g => g.First().Item2));

    // Guarantees: planning, and the order in which a plan does things, never shows.
    [Fact]
    public void Consume_AnyMappings_AreCarriedOutInTheirOrder() => Gen.Select(
        Mappings.Array[1, 8].Select(static all => all.DistinctBy(static m => m.To).ToArray()), Attributes, Attributes.Array[1, 6]).Sample(
        static (mappings, resource, spans) =>
        {
            var request = Request(resource, spans);
            var expected = Array.ConvertAll(spans, span => Expected(mappings, span, resource));
            var enriched = EnrichAsync(request, Yaml(mappings)).GetAwaiter().GetResult();
            for (var i = 0; i < spans.Length; i++)
            {
                var actual = enriched[i].Attributes.ToDictionary(static a => a.Key, static a => a.Value);
                Assert.True(
                    actual.Count == expected[i].Count && expected[i].All(e => actual.TryGetValue(e.Key, out var value) && value.Equals(e.Value)),
                    $"{Yaml(mappings)}\nspan {string.Join(", ", spans[i])}\nresource {string.Join(", ", resource)}\n"
                    + $"expected {string.Join(", ", expected[i])}\nactual {string.Join(", ", actual)}");
            }
        },
        iter: 3000);

    private static Gen<T> AnyOf<T>(params T[] all) => Gen.Int[0, all.Length - 1].Select(i => all[i]);

    private static async Task<IReadOnlyList<Span>> EnrichAsync(ExportTraceServiceRequest request, string yaml)
    {
        await using var run = await EnrichmentRun.StartAsync(yaml);
        return (await run.SendAsync(request)).ResourceSpans[0].ScopeSpans[0].Spans;
    }

    private static ExportTraceServiceRequest Request(Dictionary<string, AnyValue> resource, Dictionary<string, AnyValue>[] spans)
    {
        var envelope = new ResourceSpans { Resource = new Resource(), ScopeSpans = { new ScopeSpans() } };
        envelope.Resource.Attributes.Add(resource.Select(static a => new KeyValue { Key = a.Key, Value = a.Value }));
        foreach (var attributes in spans)
        {
            var span = new SpanBuilder("x").At(TransferTraces.FirstStartNs, 1000);
            foreach (var (key, value) in attributes)
            {
                span.With(key, value);
            }

            envelope.ScopeSpans[0].Spans.Add(span.Build());
        }

        return new ExportTraceServiceRequest { ResourceSpans = { envelope } };
    }

    private static string Yaml(Mapping[] mappings)
    {
        var yaml = new StringBuilder(
            "default_mappings: false\ntopology: {enabled: false}\npseudonymize: {enabled: false}\nvalidate: {enabled: false}\nstatus: {enabled: false}\nmappings:\n");
        foreach (var mapping in mappings)
        {
            yaml.AppendLine(
                CultureInfo.InvariantCulture,
                $"  - {{to: {mapping.To}, type: {mapping.Type}, from: [{string.Join(", ", mapping.From)}], remove_source: {(mapping.Remove ? "true" : "false")}}}");
        }

        return yaml.ToString();
    }

    /// <summary>The documented meaning: in order, amounts last; what is there stays, in the right type; else the first source that has a form.</summary>
    private static Dictionary<string, AnyValue> Expected(
        Mapping[] mappings, Dictionary<string, AnyValue> received, Dictionary<string, AnyValue> resource)
    {
        var span = new Dictionary<string, AnyValue>(received);
        foreach (var mapping in mappings.OrderBy(static m => m.Type is "amount" or "major_amount"))
        {
            if (span.TryGetValue(mapping.To, out var present))
            {
                span[mapping.To] = mapping.Type == "text" ? present : Converted(mapping.Type, present, span) ?? present;
                continue;
            }

            foreach (var source in mapping.From)
            {
                if (Found(source, mapping, span, resource) is { } converted)
                {
                    span[mapping.To] = converted;
                    if (mapping.Remove)
                    {
                        span.Remove(source);
                    }

                    break;
                }
            }
        }

        return span;
    }

    private static AnyValue? Found(
        string source, Mapping mapping, Dictionary<string, AnyValue> span, Dictionary<string, AnyValue> resource)
    {
        if (source == "span:start_time")
        {
            return mapping.Type == "timestamp_ms" ? new AnyValue { IntValue = StartMs } : null;
        }

        var (from, key) = source.StartsWith("resource:", StringComparison.Ordinal) ? (resource, source["resource:".Length..]) : (span, source);
        return from.TryGetValue(key, out var value) ? Converted(mapping.Type, value, span) : null;
    }

    private static AnyValue? Converted(string type, AnyValue value, Dictionary<string, AnyValue> span)
    {
        if (value.ValueCase == AnyValue.ValueOneofCase.ArrayValue)
        {
            return value.ArrayValue.Values.Count == 0 ? null : Converted(type, value.ArrayValue.Values[0], span);
        }

        var isText = value.ValueCase == AnyValue.ValueOneofCase.StringValue;
        if (isText && value.StringValue.Length == 0)
        {
            return null;
        }

        switch (type)
        {
            case "text":
                return isText ? value : Text(value.IntValue.ToString(CultureInfo.InvariantCulture));
            case "currency":
                return isText && (value.StringValue.ToUpperInvariant() is "CNY" or "USD" or "EUR") ? Text(value.StringValue.ToUpperInvariant()) : null;
        }

        var whole = value.IntValue;
        var isWhole = !isText || long.TryParse(value.StringValue, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out whole);
        if (!isText && type != "timestamp_ms")
        {
            return value;
        }

        var hasCurrency = span.TryGetValue("currency", out var currency) && (currency.StringValue is "USD" or "CNY" or "EUR");
        return (type, value.StringValue) switch
        {
            ("timestamp_ms", _) => isWhole && whole == StartMs ? new AnyValue { IntValue = whole } : null,
            ("int" or "amount", _) when isWhole => new AnyValue { IntValue = whole },
            ("major_amount", _) when isWhole && hasCurrency => new AnyValue { IntValue = whole * 100 },
            ("amount" or "major_amount", "7.50") when hasCurrency => new AnyValue { IntValue = 750 },
            _ => null,
        };
    }

    private static AnyValue Text(string text) => new() { StringValue = text };

    private sealed record Mapping(string To, string Type, string[] From, bool Remove);
}
