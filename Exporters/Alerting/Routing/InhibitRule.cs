using System.Text;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Alerting.Routing;

/// <summary>While one group fires, others that share labels with it are not told. Immutable.</summary>
/// <param name="Source">Labels of the group that speaks.</param>
/// <param name="Target">Labels of those that are silent.</param>
/// <param name="Equal">Labels in which both must agree.</param>
internal sealed record InhibitRule(
    IReadOnlyList<KeyValuePair<string, string>> Source, IReadOnlyList<KeyValuePair<string, string>> Target, IReadOnlyList<string> Equal)
{
    /// <summary>Reads <c>inhibit</c>.</summary>
    /// <param name="section">The exporter's section.</param>
    /// <param name="labels">The settings' names of what groups are told apart by, and their labels.</param>
    public static IReadOnlyList<InhibitRule> ReadAll(ConfigSection section, IReadOnlyDictionary<string, string> labels)
    {
        var rules = new List<InhibitRule>();
        foreach (var entry in section.Sections("inhibit"))
        {
            var equal = new List<string>();
            foreach (var name in entry.Texts("equal"))
            {
                if (Label(entry, "equal", name, labels) is { } label)
                {
                    equal.Add(label);
                }
            }

            rules.Add(new InhibitRule(ReadLabels(entry, "source", labels), ReadLabels(entry, "target", labels), equal));
            entry.Finish();
        }

        return rules;
    }

    /// <summary>Whether groups with these labels silence others.</summary>
    /// <param name="labels">The labels.</param>
    public bool IsSource(IReadOnlyList<KeyValuePair<string, string>> labels) => HasAll(labels, Source);

    /// <summary>Whether groups with these labels are silenced by others. One that is both a source and a target is not.</summary>
    /// <param name="labels">The labels.</param>
    public bool IsTarget(IReadOnlyList<KeyValuePair<string, string>> labels) => HasAll(labels, Target) && !HasAll(labels, Source);

    /// <summary>The values of <see cref="Equal"/>, as one text.</summary>
    /// <param name="labels">The labels.</param>
    public string KeyOf(IReadOnlyList<KeyValuePair<string, string>> labels)
    {
        var key = new StringBuilder();
        foreach (var name in Equal)
        {
            foreach (var (label, value) in labels)
            {
                key.Append(label == name ? value : "");
            }

            key.Append('\0');
        }

        return key.ToString();
    }

    private static bool HasAll(IReadOnlyList<KeyValuePair<string, string>> labels, IReadOnlyList<KeyValuePair<string, string>> wanted)
    {
        foreach (var want in wanted)
        {
            var has = false;
            foreach (var label in labels)
            {
                has |= label.Key == want.Key && label.Value == want.Value;
            }

            if (!has)
            {
                return false;
            }
        }

        return true;
    }

    private static List<KeyValuePair<string, string>> ReadLabels(
        ConfigSection entry, string key, IReadOnlyDictionary<string, string> labels)
    {
        var wanted = new List<KeyValuePair<string, string>>();
        foreach (var (name, value) in entry.TextMap(key, isSecret: false))
        {
            if (Label(entry, key, name, labels) is { } label)
            {
                wanted.Add(new(label, value));
            }
        }

        if (wanted.Count == 0)
        {
            entry.Error(key, "must have one label or more");
        }

        return wanted;
    }

    private static string? Label(ConfigSection entry, string key, string name, IReadOnlyDictionary<string, string> labels)
    {
        if (labels.TryGetValue(name, out var label))
        {
            return label;
        }

        entry.Error(key, $"must name what group_by has, {string.Join(", ", labels.Keys)}, got \"{name}\"");
        return null;
    }
}
