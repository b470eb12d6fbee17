using System.Diagnostics.CodeAnalysis;

namespace TelemetryPipeline.Processors.Filter;

/// <summary>The paths and names that a condition can use, by what it is about.</summary>
internal static class ConditionPaths
{
    private static readonly Dictionary<string, ItemField> SpanFields = new(StringComparer.Ordinal)
    {
        ["name"] = ItemField.SpanName,
        ["kind"] = ItemField.SpanKind,
        ["status.code"] = ItemField.StatusCode,
        ["status.message"] = ItemField.StatusMessage,
        ["start_time_unix_nano"] = ItemField.StartTime,
        ["end_time_unix_nano"] = ItemField.EndTime,
    };

    private static readonly Dictionary<string, ItemField> MetricFields = new(StringComparer.Ordinal)
    {
        ["name"] = ItemField.MetricName,
        ["unit"] = ItemField.MetricUnit,
        ["description"] = ItemField.MetricDescription,
        ["type"] = ItemField.MetricType,
    };

    private static readonly Dictionary<string, ItemField> DataPointFields = new(StringComparer.Ordinal)
    {
        ["metric.name"] = ItemField.MetricName,
        ["metric.unit"] = ItemField.MetricUnit,
        ["metric.description"] = ItemField.MetricDescription,
        ["metric.type"] = ItemField.MetricType,
    };

    private static readonly Dictionary<string, ItemField> LogFields = new(StringComparer.Ordinal)
    {
        ["body"] = ItemField.Body,
        ["severity_number"] = ItemField.SeverityNumber,
        ["severity_text"] = ItemField.SeverityText,
        ["event_name"] = ItemField.EventName,
    };

    private static readonly Dictionary<string, long> Names = BuildNames();

    /// <summary>Finds a field.</summary>
    public static bool TryField(ConditionContext context, string path, out ItemField field)
    {
        switch (path)
        {
            case "instrumentation_scope.name" or "scope.name":
                field = ItemField.ScopeName;
                return true;
            case "instrumentation_scope.version" or "scope.version":
                field = ItemField.ScopeVersion;
                return true;
            default:
                return Fields(context).TryGetValue(WithoutPrefix(context, path), out field);
        }
    }

    /// <summary>Whose attributes a path means.</summary>
    public static bool TryAttributes(ConditionContext context, string path, out AttributeOwner owner)
    {
        owner = path switch
        {
            "resource.attributes" => AttributeOwner.Resource,
            "instrumentation_scope.attributes" or "scope.attributes" => AttributeOwner.Scope,
            _ => AttributeOwner.Item,
        };
        return owner != AttributeOwner.Item
            || (context != ConditionContext.Metric && WithoutPrefix(context, path) == "attributes");
    }

    /// <summary>Finds a constant's value by its name.</summary>
    public static bool TryName(string name, out long value) => Names.TryGetValue(name, out value);

    /// <summary>The paths, for an error message.</summary>
    public static string Allowed(ConditionContext context)
    {
        var paths = new List<string>(Fields(context).Keys);
        if (context != ConditionContext.Metric)
        {
            paths.Add("attributes[\"key\"]");
        }

        paths.AddRange(
        [
            "resource.attributes[\"key\"]", "instrumentation_scope.name", "instrumentation_scope.version",
            "instrumentation_scope.attributes[\"key\"]",
        ]);
        return string.Join(", ", paths);
    }

    private static Dictionary<string, ItemField> Fields(ConditionContext context) => context switch
    {
        ConditionContext.Span => SpanFields,
        ConditionContext.Metric => MetricFields,
        ConditionContext.DataPoint => DataPointFields,
        _ => LogFields,
    };

    // Newer configurations name the context in front of its paths.
    private static string WithoutPrefix(ConditionContext context, string path)
    {
        var prefix = context switch
        {
            ConditionContext.Span => "span.",
            ConditionContext.Metric => "metric.",
            ConditionContext.DataPoint => "datapoint.",
            _ => "log.",
        };
        return path.StartsWith(prefix, StringComparison.Ordinal) ? path[prefix.Length..] : path;
    }

    [SuppressMessage("Performance", "CA1861", Justification = "Runs once.")]
    private static Dictionary<string, long> BuildNames()
    {
        var names = new Dictionary<string, long>(StringComparer.Ordinal);
        Add("SPAN_KIND_", ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"]);
        Add("STATUS_CODE_", ["UNSET", "OK", "ERROR"]);
        Add("METRIC_DATA_TYPE_", ["NONE", "GAUGE", "SUM", "HISTOGRAM", "EXPONENTIAL_HISTOGRAM", "SUMMARY"]);
        names["SEVERITY_NUMBER_UNSPECIFIED"] = 0;
        string[] levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
        for (var i = 0; i < levels.Length; i++)
        {
            // Each level has four numbers: INFO is 9, INFO2 is 10.
            for (var step = 0; step < 4; step++)
            {
                names[$"SEVERITY_NUMBER_{levels[i]}{(step == 0 ? "" : step + 1)}"] = (i * 4) + step + 1;
            }
        }

        return names;

        void Add(string prefix, string[] words)
        {
            for (var i = 0; i < words.Length; i++)
            {
                names[prefix + words[i]] = i;
            }
        }
    }
}
