using System.Text;
using TelemetryPipeline.Transfers;
using TelemetryPipeline.Transfers.AttributionEvents;

namespace TelemetryPipeline.Exporters.Alerting.Events;

/// <summary>A field of an event by its name in the settings: a short name, or the key of any attribute.</summary>
internal sealed class EventField
{
    private static readonly Dictionary<string, string> ShortNames = new(StringComparer.Ordinal)
    {
        ["rule_version"] = AttributionKeys.RuleVersion,
        ["scope"] = AttributionKeys.Scope,
        ["category"] = AttributionKeys.Category,
        ["root_cause"] = AttributionKeys.RootCause,
        ["group_key"] = AttributionKeys.GroupKey,
        ["path"] = AttributionKeys.Path,
        ["node_type"] = AttributionKeys.OriginNodeType,
        ["operation"] = AttributionKeys.OriginName,
        ["tenant"] = BusinessKeys.Tenant,
    };

    private readonly Func<AttributionEvent, string> _read;

    private EventField(string name, string label, Func<AttributionEvent, string> read)
    {
        Name = name;
        Label = label;
        _read = read;
    }

    /// <summary>The name in the settings.</summary>
    public string Name { get; }

    /// <summary>The name as a label: <c>alertname</c> for the rule, else the name with everything but letters and digits replaced.</summary>
    public string Label { get; }

    /// <summary>Finds a field.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Null when that can be no attribute's key.</returns>
    public static EventField? Find(string name) => name switch
    {
        "rule_id" => new(name, "alertname", static e => e.RuleId),
        "priority" => new(name, name, static e => e.Priority),
        "severity" => new(name, name, static e => SeverityOf(e.Priority)),
        "service" => new(name, name, static e => e.Text(AttributionKeys.OriginService) is { Length: > 0 } s ? s : e.Text("service.name")),
        "code" => new(name, name, static e => e.Text(AttributionKeys.OriginCode) is { Length: > 0 } c ? c : e.Text("code")),
        _ when ShortNames.TryGetValue(name, out var key) => new(name, name, e => e.Text(key)),
        _ when IsKey(name) => new(name, LabelOf(name), e => e.Text(name)),
        _ => null,
    };

    /// <summary>The value; empty where the event has none.</summary>
    /// <param name="e">The event.</param>
    public string Of(AttributionEvent e) => _read(e);

    /// <summary>The customary name of a severity.</summary>
    /// <param name="priority"><c>P0</c> to <c>P3</c>.</param>
    public static string SeverityOf(string priority) => priority switch
    {
        "P0" => "critical",
        "P1" => "error",
        "P2" => "warning",
        "P3" => "info",
        _ => "",
    };

    /// <summary>A key as the name of a label.</summary>
    /// <param name="key">The key.</param>
    public static string LabelOf(string key)
    {
        var label = new StringBuilder(key.Length + 1);
        foreach (var c in key)
        {
            label.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        }

        return char.IsAsciiDigit(label[0]) ? label.Insert(0, '_').ToString() : label.ToString();
    }

    private static bool IsKey(string name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-' or '/'))
            {
                return false;
            }
        }

        return name.Length is > 0 and <= 128;
    }
}
