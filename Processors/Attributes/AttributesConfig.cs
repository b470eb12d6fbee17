using System.Linq;
using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Matching;
using TelemetryPipeline.Processors.Attributes.Selection;

namespace TelemetryPipeline.Processors.Attributes;

/// <summary>Options of the <c>attributes</c> and <c>resource</c> processors: a list of actions.</summary>
public sealed record AttributesConfig
{
    private const string NotUsed = "is not used by this action, remove it";

    /// <summary>The actions, in order.</summary>
    internal IReadOnlyList<AttributeAction> Actions { get; private init; } = [];

    /// <summary>What items must be like to be changed; null for all.</summary>
    internal MatchProperties? Include { get; init; }

    /// <summary>What items must be like to be left alone, though included; null for none.</summary>
    internal MatchProperties? Exclude { get; init; }

    /// <summary>Reads and validates the section.</summary>
    /// <param name="section">The component's section.</param>
    /// <param name="key">The list's key: <c>actions</c> or <c>attributes</c>.</param>
    internal static AttributesConfig Read(ConfigSection section, string key)
    {
        var actions = new List<AttributeAction>();
        foreach (var entry in section.Sections(key))
        {
            if (ReadAction(entry) is { } action)
            {
                actions.Add(action);
            }

            entry.Finish();
        }

        if (section.Node(key) is null)
        {
            section.Error(key, "must have at least one action");
        }

        return new AttributesConfig { Actions = actions };
    }

    private static AttributeAction? ReadAction(ConfigSection entry)
    {
        var kind = entry.Text("action")?.ToLowerInvariant() switch
        {
            "insert" => ActionKind.Insert,
            "update" => ActionKind.Update,
            "upsert" => ActionKind.Upsert,
            "delete" => ActionKind.Delete,
            "hash" => ActionKind.Hash,
            "extract" => ActionKind.Extract,
            "convert" => ActionKind.Convert,
            _ => (ActionKind?)null,
        };
        var key = entry.Text("key", "")!;
        var action = new AttributeAction
        {
            Kind = kind ?? default,
            Key = Encoding.UTF8.GetBytes(key),
            Value = ConstantValue.Read(entry, "value"),
            DefaultValue = ConstantValue.Read(entry, "default_value"),
            FromAttribute = entry.Text("from_attribute") is { Length: > 0 } from ? Encoding.UTF8.GetBytes(from) : null,
            FromContext = entry.Text("from_context"),
            Pattern = Pattern(entry),
            ConvertedType = entry.Word(
                "converted_type",
                AnyValueKind.Empty,
                ("string", AnyValueKind.Text),
                ("int", AnyValueKind.Int),
                ("double", AnyValueKind.Double)),
        };
        if (kind is null)
        {
            entry.Error(
                "action",
                $"must be one of insert, update, upsert, delete, hash, extract, convert, got \"{entry.Text("action")}\"");
            return null;
        }

        Validate(entry, action, key);
        return action;
    }

    private static void Validate(ConfigSection entry, AttributeAction action, string key)
    {
        var sets = action.Kind is ActionKind.Insert or ActionKind.Update or ActionKind.Upsert;
        var byPattern = action.Kind is ActionKind.Delete or ActionKind.Hash;
        if (key.Length == 0 && !(byPattern && action.Pattern is not null))
        {
            entry.Error("key", byPattern ? "at least one of \"key\" and \"pattern\" must be set" : "must be set");
        }

        var sources = (entry.Node("value") is not null ? 1 : 0) + (entry.Node("from_attribute") is not null ? 1 : 0) + (entry.Node("from_context") is not null ? 1 : 0);
        if (sets && sources != 1 && !(sources == 0 && entry.Node("default_value") is not null))
        {
            entry.Error("", $"exactly one of \"value\", \"from_attribute\" and \"from_context\" must be set, got {sources}");
        }

        if (action.FromContext is { } context
            && (context == "client.address" || context.StartsWith("auth.", StringComparison.Ordinal)))
        {
            entry.Error("from_context", $"not supported by this build: only request headers are, got \"{context}\"");
        }

        Refuse(entry, !sets, "value", "from_attribute", "from_context", "default_value");
        Refuse(entry, !byPattern && action.Kind != ActionKind.Extract, "pattern");
        Refuse(entry, action.Kind != ActionKind.Convert, "converted_type");
        if (action.Kind == ActionKind.Convert && entry.Node("converted_type") is null)
        {
            entry.Error("converted_type", "must be set, one of string, int, double");
        }

        if (action.Kind == ActionKind.Extract)
        {
            ValidateGroups(entry, action.Pattern);
        }
    }

    private static void Refuse(ConfigSection entry, bool unused, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (unused && entry.Node(key) is not null)
            {
                entry.Error(key, NotUsed);
            }
        }
    }

    private static void ValidateGroups(ConfigSection entry, Utf8Pattern? pattern)
    {
        if (pattern is null)
        {
            if (entry.Node("pattern") is null)
            {
                entry.Error("pattern", "must be set");
            }

            return;
        }

        if (pattern.GroupNames.Count == 0)
        {
            entry.Error("pattern", "contains no named matcher groups");
        }
        else if (pattern.GroupNames.Contains(""))
        {
            entry.Error("pattern", "contains at least one unnamed matcher group");
        }
    }

    private static Utf8Pattern? Pattern(ConfigSection entry)
    {
        if (entry.Text("pattern") is not { Length: > 0 } text)
        {
            return null;
        }

        if (!Utf8Pattern.TryCompile(text, out var pattern, out var problem))
        {
            entry.Error("pattern", problem);
        }

        return pattern;
    }
}
