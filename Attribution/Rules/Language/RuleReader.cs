using System.Linq;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules.Language;

/// <summary>Reads the rules of one file.</summary>
internal sealed class RuleReader
{
    private const int IdLengthMax = 100;
    private static readonly TimeSpan WithinMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WithinMax = TimeSpan.FromHours(24);

    private readonly ConfigErrors _errors;
    private readonly ComparisonReader _comparisons;
    private readonly ConditionReader _conditions;

    private RuleReader(Whitelists whitelists, ConfigErrors errors)
    {
        _errors = errors;
        _comparisons = new ComparisonReader(whitelists, errors);
        _conditions = new ConditionReader(_comparisons, errors);
    }

    /// <summary>Reads a file: a list of rules, or a map with <c>version</c>, <c>whitelists</c> and <c>rules</c>.</summary>
    /// <param name="document">The file's content.</param>
    /// <param name="errors">Takes the problems.</param>
    /// <returns>The rules that could be read.</returns>
    public static IReadOnlyList<RuleDraft> Read(ConfigNode document, ConfigErrors errors)
    {
        if (document is ConfigList list)
        {
            var none = new Whitelists(new ConfigSection(null, list.Position, "whitelists", errors));
            var reader = new RuleReader(none, errors);
            return [.. list.Items.Select((item, i) => reader.ReadRule(new ConfigSection(item, item.Position, $"{i}", errors)))];
        }

        if (document is not ConfigMap)
        {
            errors.Add(document.Position, "", $"must be a list of rules, or a map with version: 1 and rules, got {ConfigSection.Describe(document)}");
            return [];
        }

        var file = new ConfigSection(document, document.Position, "", errors);
        if (!file.Has("version"))
        {
            file.Error("version", "must be set to 1, the version of the rule language");
        }

        file.Int32("version", 1, 1, 1);
        var whitelists = new Whitelists(file.Section("whitelists"));
        var rules = file.Sections("rules");
        if (!file.Has("rules"))
        {
            file.Error("rules", "must be set to a list of rules");
        }

        file.Finish();
        var full = new RuleReader(whitelists, errors);
        return [.. rules.Select(full.ReadRule)];
    }

    private RuleDraft ReadRule(ConfigSection section)
    {
        var scope = section.Word("scope", RuleScope.Span, ("span", RuleScope.Span), ("trace", RuleScope.Trace));
        _comparisons.RuleWhitelist = section.Node(OperatorWords.Whitelist);
        var (window, windowBy) = ReadWindow(section);
        var (suppress, suppressPositions) = ReadSuppression(section);
        var draft = new RuleDraft
        {
            Position = section.Position,
            Path = section.Path,
            Id = ReadId(section),
            Version = section.Int32("version", 1, 1),
            Description = section.Text("description") ?? "",
            Status = section.Word(
                "status", RuleStatus.Active, ("active", RuleStatus.Active), ("shadow", RuleStatus.Shadow), ("off", RuleStatus.Off)),
            Scope = scope,
            When = ReadConditions(section, "when", scope == RuleScope.Span ? Vocabulary.Span : Vocabulary.Trace, isRequired: true),
            Chain = ReadConditions(section, "chain", Vocabulary.Chain, isRequired: false),
            Then = ReadOutcome(section.Section("then")),
            Window = window,
            WindowBy = windowBy,
            GroupBy = ReadFields(section, "group_by", allowsDuration: false),
            Evidence = ReadFields(section, "evidence", allowsDuration: true),
            Suppress = suppress,
            SuppressPositions = suppressPositions,
        };
        if (_comparisons is { RuleWhitelist: not null, IsRuleWhitelistUsed: false })
        {
            section.Error(OperatorWords.Whitelist, "no wildcard of this rule asks for it: write one such as span.code: ERR_...*, or leave it out");
        }

        section.Finish();
        return draft;
    }

    private static string ReadId(ConfigSection section)
    {
        var id = section.RequiredText("id");
        if (id.Length > IdLengthMax || id.Any(static c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.')))
        {
            section.Error("id", $"must be at most {IdLengthMax} letters, digits, _, - and ., got \"{id}\"");
        }

        return id;
    }

    private Condition? ReadConditions(ConfigSection section, string key, Vocabulary vocabulary, bool isRequired)
    {
        if (section.Node(key) is { } node)
        {
            return _conditions.Read(node, $"{section.Path}::{key}", vocabulary);
        }

        if (isRequired)
        {
            section.Error(key, "must be set: the conditions of the rule");
        }

        return null;
    }

    private static RuleOutcome ReadOutcome(ConfigSection section)
    {
        var outcome = new RuleOutcome
        {
            Category = section.RequiredText("category"),
            RootCause = section.RequiredText("root_cause"),
            Priority = section.Word(
                "priority", RulePriority.P2, ("P0", RulePriority.P0), ("P1", RulePriority.P1), ("P2", RulePriority.P2), ("P3", RulePriority.P3)),
            Notify = section.Texts("notify"),
            Labels = section.TextMap("labels", isSecret: false),
        };
        section.Finish();
        return outcome;
    }

    private (RuleWindow? Window, IReadOnlyList<FieldRef> By) ReadWindow(ConfigSection rule)
    {
        if (!rule.Has("window"))
        {
            return (null, []);
        }

        var section = rule.Section("window");
        foreach (var key in (string[])["count", "within"])
        {
            if (section.Node(key) is null)
            {
                section.Error(key, "must be set");
            }
        }

        var count = section.Int32("count", 1, 1);
        var within = section.Duration("within", WithinMin, WithinMin);
        if (within > WithinMax)
        {
            section.Error("within", $"must be {GoDuration.Format(WithinMax)} or less, got {GoDuration.Format(within)}");
        }

        var window = new RuleWindow
        {
            Count = count,
            Within = within,
            For = section.Duration("for", TimeSpan.Zero),
            ResolveBelow = section.Int32("resolve_below", count, 1, count),
            MaxKeys = section.Int32("max_keys", 10_000, 1, RuleWindow.KeysLimit),
        };
        var by = ReadFields(section, "by", allowsDuration: false);
        section.Finish();
        return (window, by);
    }

    private static (RuleSuppression? Suppression, IReadOnlyList<SourcePosition> Positions) ReadSuppression(ConfigSection rule)
    {
        if (!rule.Has("suppress"))
        {
            return (null, []);
        }

        var section = rule.Section("suppress");
        var ids = section.PlacedTexts("when_fired");
        var duration = section.Duration("for", TimeSpan.Zero);
        if (ids.Count == 0 && duration == TimeSpan.Zero)
        {
            section.Error("", "must have when_fired (ids of rules), for (a duration), or both");
        }

        section.Finish();
        var suppression = new RuleSuppression { WhenFired = [.. ids.Select(static id => id.Text)], For = duration };
        return (suppression, [.. ids.Select(static id => id.Position)]);
    }

    private List<FieldRef> ReadFields(ConfigSection section, string key, bool allowsDuration)
    {
        var fields = new List<FieldRef>();
        foreach (var (text, position) in section.PlacedTexts(key))
        {
            var path = $"{section.Path}::{key}";
            if (!FieldNames.TryParse(text, allowsAttributes: true, out var field, out var problem))
            {
                _errors.Add(position, path, problem);
            }
            else if (!field.IsOfSpan || (field.Kind == FieldKind.SpanDuration && !allowsDuration))
            {
                _errors.Add(position, path, $"must be an attribute, span.code, span.name, span.status, span.kind or scope.name, got \"{text}\"");
            }
            else if (!fields.Contains(field))
            {
                fields.Add(field);
            }
        }

        return fields;
    }
}
