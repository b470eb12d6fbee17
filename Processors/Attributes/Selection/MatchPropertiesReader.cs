using System.Linq;
using System.Text;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Matching;
using TelemetryPipeline.Processors.Matching;

namespace TelemetryPipeline.Processors.Attributes.Selection;

/// <summary>Reads an <c>include</c> or <c>exclude</c>.</summary>
internal sealed class MatchPropertiesReader
{
    private const string AnyOf =
        "must have at least one of services, span_names, span_kinds, log_bodies, log_severity_texts, log_severity_number, metric_names, attributes, resources, libraries";

    private static readonly string[] Kinds =
    [
        "SPAN_KIND_CLIENT", "SPAN_KIND_CONSUMER", "SPAN_KIND_INTERNAL", "SPAN_KIND_PRODUCER", "SPAN_KIND_SERVER",
    ];

    private readonly ConfigSection _section;
    private readonly bool _isRegexp;

    private MatchPropertiesReader(ConfigSection section)
    {
        _section = section;
        _isRegexp = section.Word("match_type", false, ("strict", false), ("regexp", true));
    }

    /// <summary>Reads the properties.</summary>
    /// <param name="parent">The component's section.</param>
    /// <param name="key"><c>include</c> or <c>exclude</c>.</param>
    /// <returns>Null where the key is absent or null.</returns>
    public static MatchProperties? Read(ConfigSection parent, string key)
    {
        if (parent.Node(key) is null)
        {
            return null;
        }

        var section = parent.Section(key);
        if (section.Node("match_type") is null)
        {
            section.Error("match_type", "must be set, one of strict, regexp");
        }

        var properties = new MatchPropertiesReader(section).Read();
        section.Unsupported("matching takes linear time and is not cached", "regexp");
        if (!properties.Used().Any())
        {
            parent.Error(key, AnyOf);
        }

        section.Finish();
        return properties;
    }

    private MatchProperties Read() => new()
    {
        Services = Texts("services"),
        SpanNames = Texts("span_names"),
        SpanKinds = SpanKinds(),
        LogBodies = Texts("log_bodies"),
        LogSeverityTexts = Texts("log_severity_texts"),
        LogSeverityNumber = Severity(),
        MetricNames = Texts("metric_names"),
        Attributes = Attributes("attributes"),
        Resources = Attributes("resources"),
        Libraries = Libraries(),
    };

    private TextMatcher? Texts(string key)
    {
        var texts = _section.Texts(key);
        return texts.Count == 0 ? null : Matcher(_section, key, texts);
    }

    private TextMatcher Matcher(ConfigSection section, string key, IReadOnlyList<string> texts) => _isRegexp
        ? new TextMatcher([], [.. texts.Select(text => Pattern(section, key, text)).OfType<Utf8Pattern>()])
        : new TextMatcher([.. texts.Select(Encoding.UTF8.GetBytes)], []);

    private static Utf8Pattern? Pattern(ConfigSection section, string key, string text)
    {
        if (!Utf8Pattern.TryCompile(text, out var pattern, out var problem))
        {
            section.Error(key, problem);
        }

        return pattern;
    }

    private TextMatcher? SpanKinds()
    {
        const string Key = "span_kinds";
        var kinds = _section.Texts(Key);
        foreach (var kind in kinds)
        {
            if (!_isRegexp && !Kinds.Contains(kind))
            {
                _section.Error(Key, $"must be of {string.Join(", ", Kinds)}, got \"{kind}\"");
            }
        }

        return kinds.Count == 0 ? null : Matcher(_section, Key, kinds);
    }

    private SeverityRange? Severity()
    {
        const string Key = "log_severity_number";
        const int SeverityMax = 24;
        if (_section.Node(Key) is null)
        {
            return null;
        }

        var section = _section.Section(Key);
        var range = new SeverityRange(section.Int32("min", 0, 0, SeverityMax), section.Bool("match_undefined", false));
        section.Finish();
        return range;
    }

    private AttributeMatcher[] Attributes(string key)
    {
        var conditions = new List<AttributeMatcher>();
        foreach (var entry in _section.Sections(key))
        {
            var pattern = _isRegexp && entry.Text("value") is { } text ? Pattern(entry, "value", text) : null;
            conditions.Add(new AttributeMatcher
            {
                Key = Encoding.UTF8.GetBytes(entry.RequiredText("key")),
                Value = _isRegexp ? null : ConstantValue.Read(entry, "value"),
                Pattern = pattern,
            });
            entry.Finish();
        }

        return [.. conditions];
    }

    private LibraryMatcher[] Libraries()
    {
        var libraries = new List<LibraryMatcher>();
        foreach (var entry in _section.Sections("libraries"))
        {
            // No version is any version; an empty one is only an empty one, or any text that an expression finds in it.
            var version = entry.Text("version") is { } text ? Matcher(entry, "version", [text]) : null;
            libraries.Add(new LibraryMatcher(Matcher(entry, "name", [entry.Text("name", "")!]), version));
            entry.Finish();
        }

        return [.. libraries];
    }
}
