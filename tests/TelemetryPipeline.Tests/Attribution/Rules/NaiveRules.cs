using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using Google.Protobuf.Collections;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace TelemetryPipeline.Tests.Attribution.Rules;

/// <summary>A span with what it is in.</summary>
internal sealed record NaiveSpan(Span Span, Resource Resource, string ScopeName);

/// <summary>A chain as the naive evaluator sees it.</summary>
internal sealed record NaiveChain
{
    public IReadOnlyList<(string Service, string NodeType, string Name, string Code)> Steps { get; init; } = [];

    public (string Service, string NodeType, string Name, string Code) Root { get; init; } = ("", "", "", "");

    public bool ChainComplete { get; init; }

    public bool TraceComplete { get; init; }

    public bool BrokenContext { get; init; }

    public long SkewNs { get; init; }

    public int SpanCount { get; init; }

    public long? DurationNs { get; init; }
}

/// <summary>
/// The meaning of rules, written down once more as simply as can be: walks the YAML for each question, over the types
/// that protoc generated. Knows only valid rules.
/// </summary>
internal static partial class NaiveRules
{
    public static YamlNode Parse(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return stream.Documents[0].RootNode;
    }

    public static bool HoldsForSpan(YamlNode when, NaiveSpan span) => All(when, (key, value) => key switch
    {
        "all" => ((YamlSequenceNode)value).All(child => HoldsForSpan(child, span)),
        "any" => ((YamlSequenceNode)value).Any(child => HoldsForSpan(child, span)),
        "not" => !HoldsForSpan(value, span),
        _ => Compare(SpanField(key, span), value),
    });

    public static bool HoldsForTrace(YamlNode when, IReadOnlyList<NaiveSpan> spans, NaiveChain chain) => All(when, (key, value) => key switch
    {
        "all" => ((YamlSequenceNode)value).All(child => HoldsForTrace(child, spans, chain)),
        "any" => ((YamlSequenceNode)value).Any(child => HoldsForTrace(child, spans, chain)),
        "not" => !HoldsForTrace(value, spans, chain),
        "any_span" => spans.Any(span => HoldsForSpan(value, span)),
        "no_span" => !spans.Any(span => HoldsForSpan(value, span)),
        "every_span" => spans.All(span => HoldsForSpan(value, span)),
        "chain.path" => Passes(chain, value is YamlSequenceNode list ? [.. list.Select(Text)] : [Text(value)]),
        _ => Compare(ChainField(key, chain), value),
    });

    private static bool All(YamlNode map, Func<string, YamlNode, bool> holds) =>
        ((YamlMappingNode)map).All(entry => holds(Text(entry.Key), entry.Value));

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    // Null is missing; durations are TimeSpans in ns as decimals, wrapped to tell them from numbers.
    private static object? SpanField(string key, NaiveSpan span) => key switch
    {
        "span.status" => Failed(span.Span) ? "FAILED" : "OK",
        "span.code" => Attribute(span.Span.Attributes, "code"),
        "span.name" => span.Span.Name.Length == 0 ? null : span.Span.Name,
        "span.kind" => span.Span.Kind.ToString().ToUpperInvariant(),
        "span.duration" => span.Span.StartTimeUnixNano == 0 || span.Span.EndTimeUnixNano < span.Span.StartTimeUnixNano
            ? null
            : new Duration((long)(span.Span.EndTimeUnixNano - span.Span.StartTimeUnixNano)),
        "scope.name" => span.ScopeName.Length == 0 ? null : span.ScopeName,
        _ when key.StartsWith("span.attributes.", StringComparison.Ordinal) => Attribute(span.Span.Attributes, key[16..]),
        _ when key.StartsWith("resource.", StringComparison.Ordinal) => Attribute(span.Resource.Attributes, key[9..]),
        _ => Attribute(span.Span.Attributes, key) ?? Attribute(span.Resource.Attributes, key),
    };

    private static object? ChainField(string key, NaiveChain chain)
    {
        var origin = chain.Steps.Count == 0 ? ("", "", "", "") : chain.Steps[^1];
        return key switch
        {
            "chain.origin.service" => NotEmpty(origin.Item1),
            "chain.origin.node_type" => NotEmpty(origin.Item2),
            "chain.origin.name" => NotEmpty(origin.Item3),
            "chain.origin.code" => NotEmpty(origin.Item4),
            "chain.root.service" => NotEmpty(chain.Root.Service),
            "chain.root.node_type" => NotEmpty(chain.Root.NodeType),
            "chain.root.name" => NotEmpty(chain.Root.Name),
            "chain.depth" => chain.Steps.Count == 0 ? null : (long)chain.Steps.Count,
            "chain.complete" => chain.Steps.Count == 0 ? null : chain.ChainComplete,
            "trace.complete" => chain.TraceComplete,
            "trace.broken_context" => chain.BrokenContext,
            "trace.clock_skew" => new Duration(chain.SkewNs),
            "trace.span_count" => (long)chain.SpanCount,
            "trace.duration" => chain.DurationNs is { } durationNs ? new Duration(durationNs) : null,
            _ => throw new ArgumentException(key),
        };
    }

    private static string? NotEmpty(string text) => text.Length == 0 ? null : text;

    private static bool Passes(NaiveChain chain, string[] names)
    {
        var rest = chain.Steps;
        foreach (var name in names)
        {
            var at = rest.ToList().FindIndex(step => step.Service == name || step.NodeType == name);
            if (at < 0)
            {
                return false;
            }

            rest = [.. rest.Skip(at + 1)];
        }

        return true;
    }

    private static bool Failed(Span span) => span.Status?.Code == Status.Types.StatusCode.Error
        || Attribute(span.Attributes, "status") is "FAILED" or "timeout" or "reject"
        || (Attribute(span.Attributes, "code") is string code && code.StartsWith("ERR_", StringComparison.Ordinal))
        || Attribute(span.Attributes, "biz.outcome") is "FAILED";

    private static object? Attribute(RepeatedField<KeyValue> attributes, string key)
    {
        var value = attributes.FirstOrDefault(attribute => attribute.Key == key)?.Value;
        return value?.ValueCase switch
        {
            null => null,
            AnyValue.ValueOneofCase.StringValue => value.StringValue,
            AnyValue.ValueOneofCase.IntValue => value.IntValue,
            AnyValue.ValueOneofCase.DoubleValue => value.DoubleValue,
            AnyValue.ValueOneofCase.BoolValue => value.BoolValue,
            _ => value,
        };
    }

    private static bool Compare(object? left, YamlNode right)
    {
        switch (right)
        {
            case YamlSequenceNode list:
                return left is not null && list.Any(item => Equal(left, Literal(item)));
            case YamlMappingNode map:
                return map.All(entry => Operate(left, Text(entry.Key), entry.Value, map));
            default:
                var text = Text(right);
                var symbol = Symbol().Match(text);
                if (symbol.Success)
                {
                    return Operate(left, symbol.Groups[1].Value, new YamlScalarNode(symbol.Groups[2].Value) { Style = ScalarStyle.Plain }, null);
                }

                return left is not null && Equal(left, Literal(right));
        }
    }

    private static bool Operate(object? left, string op, YamlNode right, YamlMappingNode? map)
    {
        if (op == "exists")
        {
            return left is not null == (Text(right) == "true");
        }

        if (left is null)
        {
            return false;
        }

        return op switch
        {
            "==" => Equal(left, Literal(right)),
            "!=" => !Equal(left, Literal(right)),
            "in" => ((YamlSequenceNode)right).Any(item => Equal(left, Literal(item))),
            "not_in" => !((YamlSequenceNode)right).Any(item => Equal(left, Literal(item))),
            "starts_with" => left is string text && text.StartsWith(Text(right), StringComparison.Ordinal),
            "matches" => left is string text && Regex.IsMatch(text, Text(right), RegexOptions.CultureInvariant),
            "wildcard" => left is string code && code.StartsWith(Text(right).TrimEnd('*'), StringComparison.Ordinal)
                && ((YamlSequenceNode)map!["whitelist"]).Any(item => Text(item) == code),
            "whitelist" => true,
            _ => Ordered(left, op, Literal(right)),
        };
    }

    private static bool Ordered(object left, string op, object right)
    {
        if ((left is Duration) != (right is Duration) || Number(left) is not { } a || Number(right) is not { } b)
        {
            return false;
        }

        return op switch
        {
            "<" => a < b,
            "<=" => a <= b,
            ">" => a > b,
            _ => a >= b,
        };
    }

    private static double? Number(object value) => value switch
    {
        Duration duration => duration.Ns,
        long whole => whole,
        double real => real,
        _ => null,
    };

    private static bool Equal(object left, object right) => (left, right) switch
    {
        (string a, string b) => a == b,
        (bool a, bool b) => a == b,
        (Duration a, Duration b) => a == b,
        _ => Number(left) is { } x && Number(right) is { } y && left is Duration == right is Duration && x == y,
    };

    private static object Literal(YamlNode node)
    {
        var scalar = (YamlScalarNode)node;
        var text = scalar.Value!;
        if (scalar.Style != ScalarStyle.Plain)
        {
            return text;
        }

        if (DurationText().Match(text) is { Success: true } duration)
        {
            var unit = duration.Groups[2].Value switch { "us" => 1_000L, "ms" => 1_000_000L, _ => 1_000_000_000L };
            return new Duration((long)(decimal.Parse(duration.Groups[1].Value, CultureInfo.InvariantCulture) * unit));
        }

        return text switch
        {
            "true" => true,
            "false" => false,
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
            _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) => real,
            _ => text,
        };
    }

    [GeneratedRegex("^(==|!=|<=|>=|<|>) (.*)$")]
    private static partial Regex Symbol();

    [GeneratedRegex("^([0-9.]+)(us|ms|s)$")]
    private static partial Regex DurationText();

    private sealed record Duration(long Ns);
}
