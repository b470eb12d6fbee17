using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.Filter;

/// <summary>Options of the <c>filter</c> processor: conditions, compiled. An item for which one of them holds is dropped.</summary>
public sealed record FilterConfig
{
    private const string MatchForm = "write it as OTTL conditions, for example traces::span: ['attributes[\"k\"] == \"v\"']";

    /// <summary>Keys that the conditions name.</summary>
    internal AttributeSlots Slots { get; } = new();

    /// <summary>Conditions on spans.</summary>
    internal IReadOnlyList<Condition> Spans { get; private init; } = [];

    /// <summary>Conditions on whole metrics.</summary>
    internal IReadOnlyList<Condition> Metrics { get; private init; } = [];

    /// <summary>Conditions on data points.</summary>
    internal IReadOnlyList<Condition> DataPoints { get; private init; } = [];

    /// <summary>Conditions on log records.</summary>
    internal IReadOnlyList<Condition> LogRecords { get; private init; } = [];

    /// <summary>Reads and validates the section.</summary>
    /// <param name="section">The component's section.</param>
    internal static FilterConfig Read(ConfigSection section)
    {
        // Compiled conditions cannot fail on an item, so the modes do not differ.
        section.Word("error_mode", 0, ("ignore", 0), ("silent", 0), ("propagate", 0));
        section.Unsupported(MatchForm, "spans");
        section.Unsupported("profiles are not processed", "profiles", "profile_conditions");
        section.Unsupported(
            "use traces::span, metrics::metric, metrics::datapoint or logs::log_record",
            "trace_conditions", "metric_conditions", "log_conditions");
        var empty = new FilterConfig();
        var traces = section.Section("traces");
        var metrics = section.Section("metrics");
        var logs = section.Section("logs");
        traces.Unsupported("only whole spans can be dropped", "spanevent", "resource", "scope");
        metrics.Unsupported("only metrics and data points can be dropped", "resource", "scope");
        logs.Unsupported("only log records can be dropped", "resource", "scope");
        metrics.Unsupported(MatchForm, "include", "exclude");
        logs.Unsupported(MatchForm, "include", "exclude");
        var config = empty with
        {
            Spans = Conditions(traces, "span", ConditionContext.Span, empty.Slots),
            Metrics = Conditions(metrics, "metric", ConditionContext.Metric, empty.Slots),
            DataPoints = Conditions(metrics, "datapoint", ConditionContext.DataPoint, empty.Slots),
            LogRecords = Conditions(logs, "log_record", ConditionContext.LogRecord, empty.Slots),
        };
        traces.Finish();
        metrics.Finish();
        logs.Finish();
        return config;
    }

    private static List<Condition> Conditions(
        ConfigSection section, string key, ConditionContext context, AttributeSlots slots)
    {
        var conditions = new List<Condition>();
        foreach (var text in section.Texts(key))
        {
            if (ConditionParser.TryParse(context, text, slots, out var condition, out var problem))
            {
                conditions.Add(condition);
            }
            else
            {
                section.Error(key, $"condition \"{text}\": {problem}");
            }
        }

        return conditions;
    }
}
