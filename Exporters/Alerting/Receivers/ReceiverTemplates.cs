using TelemetryPipeline.Exporters.Alerting.Templates;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Exporters.Alerting.Receivers;

/// <summary>Reads the templates of receivers.</summary>
internal static class ReceiverTemplates
{
    private const string BodyDefault = """
        {
          "version": "1",
          "status": "{{status}}",
          "receiver": "{{receiver}}",
          "fingerprint": "{{fingerprint}}",
          "labels": {{labels}},
          "summary": "{{summary}}",
          "count": {{count}},
          "startsAt": "{{starts_at}}",
          "updatedAt": "{{updated_at}}",
          "endsAt": "{{ends_at}}",
          "rule": {"id": "{{rule_id}}", "version": "{{rule_version}}", "category": "{{category}}", "rootCause": "{{root_cause}}", "priority": "{{priority}}"},
          "notify": {{notify}},
          "traceIds": {{trace_ids}},
          "path": "{{path}}",
          "chain": {{chain}},
          "evidence": {{evidence}},
          "impact": {"customers": {{customers}}, "amounts": {{amounts}}},
          "diagram": "{{diagram}}"
        }
        """;

    private static readonly (string Name, string Template)[] AnnotationDefaults =
    [
        ("summary", "{{summary}}"),
        ("path", "{{path}}"),
        ("trace_id", "{{trace_id}}"),
        ("trace_ids", "{{trace_ids}}"),
        ("count", "{{count}}"),
        ("impact", "{{impact}}"),
        ("diagram", "{{diagram}}"),
    ];

    /// <summary>Reads <c>body</c>.</summary>
    /// <param name="section">The receiver's section.</param>
    public static TemplateText ReadBody(ConfigSection section) =>
        Parse(section, "body", section.Text("body", BodyDefault)!, TemplateFormat.Json)
        ?? TemplateText.Parse(BodyDefault, TemplateFormat.Json, out _)!;

    /// <summary>Reads <c>annotations</c>, which are added to the usual ones; an empty one takes a usual one away.</summary>
    /// <param name="section">The receiver's section.</param>
    public static IReadOnlyList<KeyValuePair<string, TemplateText>> ReadAnnotations(ConfigSection section)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, template) in AnnotationDefaults)
        {
            texts[name] = template;
        }

        var map = section.Section("annotations");
        foreach (var (name, template) in section.TextMap("annotations", isSecret: false))
        {
            if (IsLabelName(name))
            {
                texts[name] = template;
            }
            else
            {
                map.Error(name, "must have a name of letters, digits and underscores that does not begin with a digit");
            }
        }

        var annotations = new List<KeyValuePair<string, TemplateText>>();
        foreach (var (name, text) in texts)
        {
            if (text.Length > 0 && Parse(map, name, text, TemplateFormat.Plain) is { } template)
            {
                annotations.Add(new(name, template));
            }
        }

        return annotations;
    }

    /// <summary>Reads <c>labels</c>.</summary>
    /// <param name="section">The receiver's section.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> ReadLabels(ConfigSection section)
    {
        var labels = section.TextMap("labels", isSecret: false);
        foreach (var (name, value) in labels)
        {
            if (!IsLabelName(name) || value.Length == 0)
            {
                section.Section("labels").Error(name, "must have a name of letters, digits and underscores that does not begin with a digit, and a value");
            }
        }

        return labels;
    }

    /// <summary>Reads the template of an address for people.</summary>
    /// <param name="section">The receiver's section.</param>
    /// <param name="key">Its key; null where this kind has none.</param>
    public static TemplateText? ReadLink(ConfigSection section, string? key) =>
        key is not null && section.Text(key) is { Length: > 0 } text ? Parse(section, key, text, TemplateFormat.Url) : null;

    private static bool IsLabelName(string name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }

        return name.Length > 0 && !char.IsAsciiDigit(name[0]);
    }

    private static TemplateText? Parse(ConfigSection section, string key, string text, TemplateFormat format)
    {
        var template = TemplateText.Parse(text, format, out var problem);
        if (problem is not null)
        {
            section.Error(key, $"must be a template: {problem}");
        }

        return template;
    }
}
