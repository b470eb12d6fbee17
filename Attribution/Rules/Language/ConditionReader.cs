using System.Linq;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules.Language;

/// <summary>Reads the conditions of a rule into a tree.</summary>
/// <param name="comparisons">Reads what a field is compared with.</param>
/// <param name="errors">Takes the problems.</param>
internal sealed class ConditionReader(ComparisonReader comparisons, ConfigErrors errors)
{
    private static readonly string[] Connectives = ["all", "any", "not"];
    private static readonly string[] Quantifiers = ["any_span", "no_span", "every_span"];

    /// <summary>Reads a map of conditions, which all must hold.</summary>
    /// <param name="node">The map.</param>
    /// <param name="path">The keys that lead to it.</param>
    /// <param name="vocabulary">Which fields may stand there.</param>
    /// <param name="isNegated">Whether it stands below a <c>not</c>.</param>
    /// <returns>Null where something is wrong, which was reported.</returns>
    public Condition? Read(ConfigNode node, string path, Vocabulary vocabulary, bool isNegated = false)
    {
        if (node is not ConfigMap { Entries.Count: > 0 } map)
        {
            errors.Add(node.Position, path, $"must be a map of conditions, got {(node is ConfigMap ? "an empty map" : ConfigSection.Describe(node))}");
            return null;
        }

        var children = new List<Condition>();
        var isWhole = true;
        foreach (var entry in map.Entries)
        {
            if (ReadEntry(entry, $"{path}::{entry.Key}", vocabulary, isNegated) is { } child)
            {
                children.Add(child);
            }
            else
            {
                isWhole = false;
            }
        }

        return !isWhole ? null : children.Count == 1 ? children[0] : new AllCondition(map.Position, children);
    }

    private Condition? ReadEntry(ConfigEntry entry, string path, Vocabulary vocabulary, bool isNegated)
    {
        switch (entry.Key)
        {
            case "all" or "any":
                return ReadList(entry, path, vocabulary, isNegated);
            case "not":
                return Read(entry.Value, path, vocabulary, isNegated: true) is { } negated
                    ? new NotCondition(entry.KeyPosition, negated)
                    : null;
            case "any_span" or "no_span" or "every_span" when vocabulary == Vocabulary.Trace:
                return Read(entry.Value, path, Vocabulary.Span) is { } child
                    ? new SpanQuantifier(entry.KeyPosition, (Quantifier)Array.IndexOf(Quantifiers, entry.Key), child)
                    : null;
            case "any_span" or "no_span" or "every_span":
                errors.Add(entry.KeyPosition, path, $"\"{entry.Key}\" speaks of the spans of a trace and needs a rule with scope: trace");
                return null;
            case "chain" when vocabulary == Vocabulary.Trace:
                return Read(entry.Value, path, Vocabulary.Chain, isNegated);
            default:
                return FieldOf(entry, path, vocabulary, isNegated) is { } field ? comparisons.Read(field, entry.Value, path) : null;
        }
    }

    private Condition? ReadList(ConfigEntry entry, string path, Vocabulary vocabulary, bool isNegated)
    {
        if (entry.Value is not ConfigList { Items.Count: > 0 } list)
        {
            errors.Add(entry.Value.Position, path, $"must be a list of conditions, got {ConfigSection.Describe(entry.Value)}");
            return null;
        }

        var children = list.Items.Select((item, i) => Read(item, $"{path}::{i}", vocabulary, isNegated)).ToArray();
        if (children.Contains(null))
        {
            return null;
        }

        return entry.Key == "all"
            ? new AllCondition(entry.KeyPosition, children!)
            : new AnyCondition(entry.KeyPosition, children!);
    }

    private FieldRef? FieldOf(ConfigEntry entry, string path, Vocabulary vocabulary, bool isNegated)
    {
        var name = vocabulary == Vocabulary.Chain ? $"chain.{entry.Key}" : entry.Key;
        if (!FieldNames.TryParse(name, vocabulary != Vocabulary.Chain, out var field, out var problem))
        {
            errors.Add(entry.KeyPosition, path, vocabulary == Vocabulary.Chain ? UnknownChainField(entry.Key) : problem);
            return null;
        }

        problem = (vocabulary, field.IsOfSpan) switch
        {
            (Vocabulary.Span, false) when entry.Key.StartsWith("chain.", StringComparison.Ordinal) =>
                "a condition on the chain stands in the rule's own section \"chain\", beside \"when\"",
            (Vocabulary.Span, false) => $"\"{entry.Key}\" speaks of a trace: it needs a rule with scope: trace, outside of conditions on spans",
            (Vocabulary.Trace, true) when isNegated =>
                $"\"not\" over spans of a trace can mean two things: write no_span: {{{entry.Key}: ...}} for \"no span is so\", "
                + $"or any_span: {{not: {{{entry.Key}: ...}}}} for \"some span is not so\"",
            (Vocabulary.Trace, true) =>
                $"at scope trace a condition on spans says which: write any_span: {{{entry.Key}: ...}}, no_span or every_span",
            _ => "",
        };
        if (problem.Length > 0)
        {
            errors.Add(entry.KeyPosition, path, problem);
            return null;
        }

        return field;
    }

    private static string UnknownChainField(string key)
    {
        var names = FieldCatalog.Trace.Where(static e => e.Name.StartsWith("chain.", StringComparison.Ordinal)).Select(static e => e.Name[6..]).ToArray();
        var nearest = NearestWord.Find(key, names.Concat(Connectives));
        return $"unknown field of a chain \"{key}\"; allowed are {string.Join(", ", names)}"
            + (nearest is null ? "" : $"; did you mean \"{nearest}\"?");
    }
}
