using TelemetryPipeline.Exporters.Alerting.Events;
using TelemetryPipeline.Exporters.Alerting.Routing;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Alerting.Grouping;

/// <summary>How events become alerts, and when these are told.</summary>
internal sealed record GroupingConfig
{
    private static readonly string[] GroupByDefault = ["rule_id", "category", "root_cause", "priority", "service", "code", "tenant"];

    /// <summary>What groups are told apart by; the rule always is one of them.</summary>
    public required IReadOnlyList<EventField> GroupBy { get; init; }

    /// <summary>How long the first notification of a group waits for more events.</summary>
    /// <value>0 or more. Default 10 s.</value>
    public TimeSpan GroupWait { get; init; }

    /// <summary>The least time between two notifications of a group that fires on.</summary>
    /// <value>1 s or more. Default 1 min.</value>
    public TimeSpan GroupInterval { get; init; }

    /// <summary>After how long a group that fires on without new events is told again.</summary>
    /// <value>At least <see cref="GroupInterval"/>. Default 4 h.</value>
    public TimeSpan RepeatInterval { get; init; }

    /// <summary>After how long without news an event counts as over.</summary>
    /// <value>Above <see cref="GroupWait"/>. Default 5 min.</value>
    public TimeSpan ResolveTimeout { get; init; }

    /// <summary>Groups at most; events of others go to one more for each set of receivers.</summary>
    /// <value>1 to 1 000 000. Default 10 000.</value>
    public int MaxGroups { get; init; }

    /// <summary>Events that are remembered one by one.</summary>
    /// <value>1 to 10 000 000. Default 50 000.</value>
    public int MaxEvents { get; init; }

    /// <summary>Whether events of rules on trial are told.</summary>
    /// <value>Default false.</value>
    public bool IncludeShadow { get; init; }

    /// <summary>Whether an event silences those of the same trace whose origin lies on its path.</summary>
    /// <value>Default true.</value>
    public bool InhibitPath { get; init; }

    /// <summary>Which groups silence which.</summary>
    public IReadOnlyList<InhibitRule> Inhibit { get; init; } = [];

    /// <summary>Reads the settings.</summary>
    /// <param name="section">The exporter's section.</param>
    public static GroupingConfig Read(ConfigSection section)
    {
        var fields = ReadFields(section);
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in fields)
        {
            labels[field.Name] = field.Label;
        }

        var config = new GroupingConfig
        {
            GroupBy = fields,
            GroupWait = section.Duration("group_wait", TimeSpan.FromSeconds(10)),
            GroupInterval = section.Duration("group_interval", TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(1)),
            RepeatInterval = section.Duration("repeat_interval", TimeSpan.FromHours(4), TimeSpan.FromSeconds(1)),
            ResolveTimeout = section.Duration("resolve_timeout", TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(1)),
            MaxGroups = section.Int32("max_groups", 10_000, 1, 1_000_000),
            MaxEvents = section.Int32("max_events", 50_000, 1, 10_000_000),
            IncludeShadow = section.Bool("include_shadow", false),
            InhibitPath = section.Bool("inhibit_path", true),
            Inhibit = InhibitRule.ReadAll(section, labels),
        };
        Check(section, config);
        return config;
    }

    private static void Check(ConfigSection section, GroupingConfig config)
    {
        if (config.ResolveTimeout <= config.GroupWait)
        {
            section.Error(
                "resolve_timeout",
                $"must be above group_wait {GoDuration.Format(config.GroupWait)}, else alerts end before they are told, got {GoDuration.Format(config.ResolveTimeout)}");
        }

        if (config.RepeatInterval < config.GroupInterval)
        {
            section.Error(
                "repeat_interval",
                $"must be at least group_interval {GoDuration.Format(config.GroupInterval)}, got {GoDuration.Format(config.RepeatInterval)}");
        }
    }

    private static List<EventField> ReadFields(ConfigSection section)
    {
        var fields = new List<EventField> { EventField.Find("rule_id")! };
        foreach (var name in section.Texts("group_by", GroupByDefault))
        {
            if (EventField.Find(name) is not { } field)
            {
                section.Error("group_by", $"must list fields of events or keys of attributes, got \"{name}\"");
            }
            else if (!fields.Exists(f => f.Label == field.Label))
            {
                fields.Add(field);
            }
            else if (name != "rule_id")
            {
                section.Error("group_by", $"must name no label twice, got \"{name}\"");
            }
        }

        return fields;
    }
}
