using System.Linq;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Attribution.Rules;

/// <summary>Random conditions as YAML, and random spans over the same few keys and values, so that they meet often.</summary>
internal sealed class RandomRules(Random random)
{
    private static readonly string[] Keys = ["amount", "tier", "code", "status", "node_type", "reversal", "service.name"];
    private static readonly string[] Texts = ["A", "AB", "ABC", "ERR_A", "ERR_AB", "FAILED", "reject", "core", "risk", "", "x y"];
    private static readonly string[] PlainTexts = ["A", "AB", "ABC", "ERR_A", "ERR_AB", "FAILED", "reject", "core", "risk"];
    private static readonly string[] Numbers = ["0", "1", "2", "-3", "1.5", "2.0", "9007199254740993"];
    private static readonly string[] Durations = ["1us", "5ms", "10ms", "1.5s"];
    private static readonly string[] Orders = ["<", "<=", ">", ">="];
    private static readonly string[] Kinds = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];

    public string SpanCondition(int depth)
    {
        var entries = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var (key, value) = Entry(depth);
            entries[key] = value;
        }

        return $"{{{string.Join(", ", entries.Select(entry => $"{entry.Key}: {entry.Value}"))}}}";
    }

    public string TraceCondition(int depth)
    {
        var entries = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var (key, value) = (depth > 0 ? random.Next(12) : random.Next(3, 12)) switch
            {
                0 => ("not", TraceCondition(depth - 1)),
                1 => ("all", List(() => TraceCondition(depth - 1))),
                2 => ("any", List(() => TraceCondition(depth - 1))),
                3 => ("any_span", SpanCondition(1)),
                4 => ("no_span", SpanCondition(1)),
                5 => ("every_span", SpanCondition(1)),
                6 => ("chain.path", List(() => One(PlainTexts))),
                7 => (One(["chain.complete", "trace.complete", "trace.broken_context"]), One(["true", "false", "{\"!=\": true}"])),
                8 => (One(["chain.depth", "trace.span_count"]), One([$"\"{One(Orders)} 2\"", "3", "[1, 2, 4]", "{not_in: [1, 2]}"])),
                9 => (One(["trace.clock_skew", "trace.duration"]), $"\"{One(Orders)} {One(Durations)}\""),
                10 => ("chain.origin." + One(["service", "node_type", "code", "name"]), OptionalText()),
                _ => ("chain.root." + One(["service", "node_type", "name"]), OptionalText()),
            };
            entries[key] = value;
        }

        return $"{{{string.Join(", ", entries.Select(entry => $"{entry.Key}: {entry.Value}"))}}}";
    }

    public NaiveSpan Span()
    {
        var span = new SpanBuilder(One(PlainTexts)).At(1_000_000_000, (ulong)One([0, 1_000, 5_000_000, 10_000_000, 1_500_000_000])).Build();
        span.Kind = (Span.Types.SpanKind)random.Next(6);
        switch (random.Next(10))
        {
            case 0:
                span.StartTimeUnixNano = 0;
                break;
            case 1:
                span.EndTimeUnixNano = One<ulong>([0, 999_999_999]);
                break;
            default:
                break;
        }

        if (random.Next(4) == 0)
        {
            span.Status = new Status { Code = (Status.Types.StatusCode)random.Next(3) };
        }

        Fill(span.Attributes, random.Next(5));
        var resource = new Resource();
        Fill(resource.Attributes, random.Next(4));
        return new NaiveSpan(span, resource, One(["", "A", "ABC"]));
    }

    public NaiveChain Chain(int spanCount)
    {
        (string, string, string, string) Step() => (One(Texts), One(Texts), One(Texts), One(Texts));
        return new NaiveChain
        {
            Steps = [.. Enumerable.Range(0, random.Next(5)).Select(_ => Step())],
            Root = random.Next(4) == 0 ? ("", "", "", "") : Step(),
            ChainComplete = random.Next(2) == 0,
            TraceComplete = random.Next(2) == 0,
            BrokenContext = random.Next(2) == 0,
            SkewNs = One([0L, 1_000, 5_000_000, 20_000_000]),
            SpanCount = spanCount,
            DurationNs = One<long?>([1_000L, 10_000_000, 1_500_000_000, null]),
        };
    }

    private (string Key, string Value) Entry(int depth) => (depth > 0 ? random.Next(14) : random.Next(4, 14)) switch
    {
        0 or 1 => ("not", SpanCondition(depth - 1)),
        2 => ("all", List(() => SpanCondition(depth - 1))),
        3 => ("any", List(() => SpanCondition(depth - 1))),
        4 => ("span.status", One(["FAILED", "OK", "{\"!=\": FAILED}", "[FAILED, OK]", "{not_in: [FAILED, OK]}"])),
        5 => ("span.kind", One([One(Kinds), $"[{One(Kinds)}, {One(Kinds)}]", $"{{\"!=\": {One(Kinds)}}}"])),
        6 => ("span.duration", One([$"\"{One(Orders)} {One(Durations)}\"", $"{{\"==\": {One(Durations)}}}", $"{{\"!=\": {One(Durations)}}}"])),
        7 => (One(["span.name", "scope.name"]), TextComparison()),
        8 => ("span.code", Comparison()),
        9 => ("span.attributes." + One(Keys), Comparison()),
        10 => ("resource." + One(Keys), Comparison()),
        _ => (One(Keys), Comparison()),
    };

    private string Comparison() => random.Next(9) switch
    {
        0 => Quoted(One(Texts)),
        1 => Literal(),
        2 => $"[{Literal()}, {Literal()}, {Literal()}, {Literal()}, {Literal()}, {Literal()}]",
        3 => $"\"{One(Orders)} {One(Numbers)}\"",
        4 => $"{{\"{One(Orders)}\": {One(Numbers)}, \"{One(["==", "!="])}\": {Literal()}}}",
        5 => $"{{exists: {One(["true", "false"])}}}",
        6 => $"{{{One(["in", "not_in"])}: [{Literal()}, {Literal()}]}}",
        7 => $"{{wildcard: \"{One(["A", "ERR_", ""])}*\", whitelist: [A, AB, ERR_AB]}}",
        _ => $"{{{One(["starts_with", "matches"])}: \"{One(["A", "ERR_A", "B$"])}\"}}",
    };

    private string TextComparison() => random.Next(4) switch
    {
        0 => Quoted(One(PlainTexts)),
        1 => $"[{One(PlainTexts)}, {One(PlainTexts)}]",
        2 => $"{{{One(["!=", "=="]) switch { var op => $"\"{op}\"" }}: {One(PlainTexts)}}}",
        _ => $"{{{One(["starts_with", "matches"])}: \"{One(["A", "ERR_A", "B$"])}\"}}",
    };

    private string OptionalText() => random.Next(3) == 0 ? $"{{exists: {One(["true", "false"])}}}" : TextComparison();

    private string Literal() => random.Next(3) switch
    {
        0 => One(Numbers),
        1 => One(["true", "false"]),
        _ => Quoted(One(Texts)),
    };

    private string List(Func<string> item) => $"[{string.Join(", ", Enumerable.Range(0, random.Next(1, 4)).Select(_ => item()))}]";

    private static string Quoted(string text) => $"\"{text}\"";

    private void Fill(Google.Protobuf.Collections.RepeatedField<KeyValue> attributes, int count)
    {
        for (var i = 0; i < count; i++)
        {
            attributes.Add(new KeyValue
            {
                Key = One(Keys),
                Value = random.Next(8) switch
                {
                    0 => new AnyValue { IntValue = One([0L, 1, 2, -3, 9007199254740993]) },
                    1 => new AnyValue { DoubleValue = One([0, 1.5, 2, -3, double.NaN]) },
                    2 => new AnyValue { BoolValue = random.Next(2) == 0 },
                    3 => new AnyValue { BytesValue = Google.Protobuf.ByteString.CopyFromUtf8("A") },
                    _ => new AnyValue { StringValue = One(Texts) },
                },
            });
        }
    }

    private T One<T>(T[] values) => values[random.Next(values.Length)];
}
