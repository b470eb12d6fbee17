using System.Linq;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Matching;

namespace TelemetryPipeline.Attribution.Rules.Language;

/// <summary>Reads what a field is compared with, and checks that operator and values fit it.</summary>
/// <param name="whitelists">The whitelists that wildcards may name.</param>
/// <param name="errors">Takes the problems.</param>
internal sealed class ComparisonReader(Whitelists whitelists, ConfigErrors errors)
{
    private readonly LiteralReader _literals = new(errors);

    /// <summary>The whitelist of the rule at hand, for wildcards that name none.</summary>
    public ConfigNode? RuleWhitelist
    {
        get;
        set
        {
            field = value;
            IsRuleWhitelistUsed = false;
        }
    }

    /// <summary>Whether a wildcard asked for <see cref="RuleWhitelist"/> since it was set.</summary>
    public bool IsRuleWhitelistUsed { get; private set; }

    /// <summary>Reads a comparison: a value, a list of values, or a map of operators, which all must hold.</summary>
    /// <param name="field">The field.</param>
    /// <param name="node">What it is compared with.</param>
    /// <param name="path">The keys that lead there.</param>
    /// <returns>Null where something is wrong, which was reported.</returns>
    public Condition? Read(FieldRef field, ConfigNode node, string path)
    {
        switch (node)
        {
            case ConfigScalar { Kind: ScalarKind.Null }:
                errors.Add(node.Position, path, "must be a value, got null; to ask whether it is there, write {exists: true}");
                return null;
            case ConfigScalar or ConfigList when FieldCatalog.TypeOf(field.Kind) == FieldType.Path:
                return ReadPath(field, node, path);
            case ConfigScalar scalar:
                return ReadScalar(field, scalar, path);
            case ConfigList list:
                return Make(field, Operator.In, "in", list, path);
            case ConfigMap { Entries.Count: > 0 } map when FieldCatalog.TypeOf(field.Kind) != FieldType.Path:
                return ReadOperators(field, map, path);
            default:
                errors.Add(node.Position, path, $"must be a value or a map of operators, got {ConfigSection.Describe(node)}");
                return null;
        }
    }

    private Comparison? ReadScalar(FieldRef field, ConfigScalar scalar, string path)
    {
        if (scalar.Kind == ScalarKind.Text)
        {
            var type = FieldCatalog.TypeOf(field.Kind);
            foreach (var (word, op) in OperatorWords.Symbols)
            {
                // Behind a symbol stands a space, so that a text may begin with one; where no text can stand, it may be left out.
                if (scalar.Text.StartsWith(word, StringComparison.Ordinal)
                    && (scalar.Text.AsSpan(word.Length).StartsWith(" ") || type is FieldType.Duration or FieldType.Int))
                {
                    var rest = scalar.Text[word.Length..].Trim();
                    var right = new ConfigScalar { Kind = ConfigScalar.KindOf(rest), Text = rest, Position = scalar.Position };
                    return Make(field, op, word, right, path);
                }
            }

            if (scalar.Text.Contains('*', StringComparison.Ordinal) && type is FieldType.Any or FieldType.Text)
            {
                return ReadWildcard(field, scalar, null, path);
            }
        }

        return Make(field, Operator.In, "==", scalar, path);
    }

    private Condition? ReadOperators(FieldRef field, ConfigMap map, string path)
    {
        var parts = new List<Condition?>();
        var whitelist = map.Find(OperatorWords.Whitelist);
        foreach (var entry in map.Entries)
        {
            var at = $"{path}::{entry.Key}";
            if (entry.Key == OperatorWords.Wildcard)
            {
                parts.Add(ReadWildcard(field, entry.Value, whitelist?.Value, at));
            }
            else if (entry.Key != OperatorWords.Whitelist)
            {
                parts.Add(OperatorOf(entry, at) is { } op ? Make(field, op, entry.Key, entry.Value, at) : null);
            }
            else if (map.Find(OperatorWords.Wildcard) is null)
            {
                errors.Add(entry.KeyPosition, at, "a whitelist belongs to a wildcard: {wildcard: \"ERR_...*\", whitelist: ...}");
                parts.Add(null);
            }
        }

        return parts.Contains(null) ? null : parts.Count == 1 ? parts[0] : new AllCondition(map.Position, parts!);
    }

    private Operator? OperatorOf(ConfigEntry entry, string path)
    {
        foreach (var (word, op) in OperatorWords.Symbols.Concat(OperatorWords.Words))
        {
            if (word == entry.Key)
            {
                return op;
            }
        }

        var nearest = NearestWord.Find(entry.Key, OperatorWords.All.Where(static word => word.Length > 2));
        errors.Add(
            entry.KeyPosition,
            path,
            $"unknown operator \"{entry.Key}\"; allowed are {string.Join(' ', OperatorWords.All)}"
            + (nearest is null ? "" : $"; did you mean \"{nearest}\"?"));
        return null;
    }

    private Comparison? Make(FieldRef field, Operator op, string word, ConfigNode node, string path)
    {
        var entry = FieldCatalog.Entry(field.Kind);
        var type = entry?.Type ?? FieldType.Any;
        var allowed = OperatorTypes.Allowed(type, field.IsOfSpan);
        if (!allowed.Contains(word))
        {
            errors.Add(node.Position, path, $"{field} does not take the operator {word}; allowed are {string.Join(' ', allowed)}");
            return null;
        }

        if (op == Operator.Exists)
        {
            return node is ConfigScalar { Kind: ScalarKind.Bool }
                ? Comparison(field, op, [_literals.Read(node, FieldType.Bool, [], path)!], node)
                : Refuse(node, path, "must be true or false");
        }

        var isList = op is Operator.In or Operator.NotIn && word is "in" or "not_in";
        if (isList != node is ConfigList || node is ConfigList { Items.Count: 0 })
        {
            return Refuse(node, path, isList ? "must be a list of values" : $"must be one value for {word}");
        }

        IReadOnlyList<ConfigNode> nodes = node is ConfigList list ? list.Items : [node];
        var values = nodes.Select(n => Value(n, field, type, op, word, entry?.Words ?? [], path)).ToArray();
        return values.Contains(null) ? null : Comparison(field, op, values!, node);
    }

    private Literal? Value(
        ConfigNode node, FieldRef field, FieldType type, Operator op, string word, IReadOnlyList<string> words, string path)
    {
        if (field.Kind == FieldKind.SpanDuration && LiteralReader.Baseline(node) is { } baseline)
        {
            if (op is not (Operator.In or Operator.NotIn))
            {
                return baseline;
            }

            errors.Add(node.Position, path, $"a baseline is compared with < <= > or >=, got {word}");
            return null;
        }

        if (_literals.Read(node, type, words, path) is not { } value)
        {
            return null;
        }

        var problem = (op, type) switch
        {
            (Operator.Less or Operator.LessOrEqual or Operator.Greater or Operator.GreaterOrEqual, FieldType.Any)
                when value.Kind is not (LiteralKind.Int or LiteralKind.Float) => $"{word} compares numbers",
            (Operator.StartsWith or Operator.Matches, _) when value.Kind != LiteralKind.Text => $"{word} takes text",
            (Operator.StartsWith, _) when value.Text.Length == 0 => "starts_with takes text that is not empty",
            (Operator.In, _) when word == "in" && value.Kind == LiteralKind.Text && value.Text.EndsWith('*') =>
                "a wildcard cannot stand in a list: write {wildcard: ..., whitelist: ...}, or {\"==\": ...} for the character *",
            _ => null,
        };
        if (op == Operator.Matches && problem is null && !Utf8Pattern.TryCompile(value.Text, out _, out var fault))
        {
            problem = fault;
        }

        if (problem is not null)
        {
            errors.Add(node.Position, path, $"{problem}, got {ConfigSection.Describe(node)}");
            return null;
        }

        return value;
    }

    private Comparison? ReadWildcard(FieldRef field, ConfigNode node, ConfigNode? whitelist, string path)
    {
        var type = FieldCatalog.TypeOf(field.Kind);
        if (type is not (FieldType.Any or FieldType.Text))
        {
            return Refuse(node, path, $"{field} does not take a wildcard");
        }

        if (node is not ConfigScalar { Kind: ScalarKind.Text } scalar || scalar.Text.IndexOf('*', StringComparison.Ordinal) != scalar.Text.Length - 1)
        {
            return Refuse(node, path, "a wildcard is text with one * at its end; for the character * itself write {\"==\": ...}");
        }

        var list = whitelist ?? RuleWhitelist;
        IsRuleWhitelistUsed |= whitelist is null;
        if (list is null)
        {
            return Refuse(
                node,
                path,
                "a wildcard matches only codes on its whitelist, and there is none: add whitelist: NAME or [CODE, ...] to the rule");
        }

        if (whitelists.Resolve(list, $"{path}::{OperatorWords.Whitelist}", errors) is not { } codes)
        {
            return null;
        }

        var prefix = scalar.Text[..^1];
        Literal[] fitting =
        [
            .. codes.Where(code => code.StartsWith(prefix, StringComparison.Ordinal)).Select(static code => new Literal(LiteralKind.Text, code)),
        ];
        return fitting.Length == 0
            ? Refuse(node, path, $"no code of the whitelist ({string.Join(", ", codes)}) begins with {prefix}")
            : Comparison(field, Operator.In, fitting, node);
    }

    private Comparison? ReadPath(FieldRef field, ConfigNode node, string path)
    {
        IReadOnlyList<ConfigNode> nodes = node is ConfigList list ? list.Items : [node];
        if (nodes.Count == 0)
        {
            return Refuse(node, path, "must be a list of services or node types");
        }

        var values = nodes.Select(n => _literals.Read(n, FieldType.Text, [], path)).ToArray();
        return values.Contains(null) ? null : Comparison(field, Operator.Passes, values!, node);
    }

    private static Comparison Comparison(FieldRef field, Operator op, IReadOnlyList<Literal> values, ConfigNode node) =>
        new(node.Position, field, op, values);

    private Comparison? Refuse(ConfigNode node, string path, string problem)
    {
        errors.Add(node.Position, path, $"{problem}, got {ConfigSection.Describe(node)}");
        return null;
    }
}
