using System.Linq;
using System.Text.RegularExpressions;
using TelemetryPipeline.Collector;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Tests.Collector;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.Tests;

/// <summary>docs/compatibility.md says what the factories do with every setting of the Collector.</summary>
public sealed partial class CompatibilityTests
{
    private static readonly Dictionary<string, ComponentKind> Kinds = new(StringComparer.Ordinal)
    {
        ["receivers"] = ComponentKind.Receiver,
        ["processors"] = ComponentKind.Processor,
        ["exporters"] = ComponentKind.Exporter,
        ["connectors"] = ComponentKind.Connector,
        ["extensions"] = ComponentKind.Extension,
    };

    private static readonly string Document = Path.Combine(RepositoryRoot.Path, "docs", "compatibility.md");

    private sealed record Row(string Component, string Key, string Here);

    [Fact]
    public void Rows_SayWhatTheFactoryDoesWithTheKey()
    {
        var rows = Rows();
        Assert.NotEmpty(rows);
        Assert.Empty(rows.Select(Contradiction).OfType<string>());
    }

    [Fact]
    public void Components_ThatTheCollectorHasToo_HaveASectionWithARowForEveryKeyTheyKnow()
    {
        var lines = File.ReadAllLines(Document);
        var rows = Rows();
        var missing = new List<string>();
        foreach (var (word, kind) in Kinds)
        {
            foreach (var factory in Components.All.All(kind).Where(f => UpstreamComponents.Has(kind, f.Type)))
            {
                var component = $"{word}::{factory.Type}";
                if (!lines.Contains($"### {component}"))
                {
                    missing.Add(component);
                }

                var documented = rows.Where(r => r.Component == component).Select(r => r.Key).ToArray();
                missing.AddRange(AskedPaths(factory, documented).Where(path => !documented.Any(key => Covers(key, path)))
                    .Select(path => $"{component}: {path}"));
            }
        }

        Assert.True(missing.Count == 0, string.Join('\n', missing));
    }

    // The key alone, with no value, must be known to the factory; and be refused where the document says so.
    private static string? Contradiction(Row row)
    {
        var path = row.Key.Split("::");
        var errors = new ConfigErrors();
        Factory(row.Component).Plan(Section(Yaml(row.Key), errors));
        var problems = errors.Sorted().Select(e => e.ToString()).ToList();
        var unknown = problems.Exists(p => p.Contains($"unknown key \"{path[^1]}\"", StringComparison.Ordinal));
        var refused = problems.Exists(p => p.Contains($"::{path[^1]}: not supported", StringComparison.Ordinal));
        return (unknown, refused, row.Here) switch
        {
            (true, _, _) => $"{row.Component}::{row.Key} is unknown to the factory",
            (_, true, not "refused") => $"{row.Component}::{row.Key} is refused, the document says {row.Here}",
            (_, false, "refused") => $"{row.Component}::{row.Key} is not refused, the document says it is",
            _ => null,
        };
    }

    // A factory asks for some settings only below one that is there, so every documented one is tried.
    private static HashSet<string> AskedPaths(ComponentFactory factory, IEnumerable<string> documented)
    {
        const string Root = "component::";
        var asked = new HashSet<string>(StringComparer.Ordinal);
        foreach (var yaml in documented.Select(Yaml).Append("{}"))
        {
            var errors = new ConfigErrors();
            factory.Plan(Section(yaml, errors));
            asked.UnionWith(errors.AskedPaths.Select(static path => path[Root.Length..]));
        }

        return asked;
    }

    // A row may speak for all below it; and what is above a row has no row of its own.
    private static bool Covers(string key, string path) =>
        key == path || path.StartsWith($"{key}::", StringComparison.Ordinal) || key.StartsWith($"{path}::", StringComparison.Ordinal);

    private static string Yaml(string key) => key.Split("::").Reverse().Aggregate("null", (inner, word) => $"{{{word}: {inner}}}");

    private static ComponentFactory Factory(string component)
    {
        var words = component.Split("::");
        return Components.All.TryFind(Kinds[words[0]], words[1], out ComponentFactory? factory)
            ? factory
            : throw new InvalidOperationException($"docs/compatibility.md has {component}, which is not in Components.cs");
    }

    private static ConfigSection Section(string yaml, ConfigErrors errors)
    {
        Assert.True(YamlReader.TryRead(yaml, "test", out var node, out var error), error?.ToString());
        return new ConfigSection(node, default, "component", errors);
    }

    private static List<Row> Rows()
    {
        var rows = new List<Row>();
        string? component = null;
        foreach (var line in File.ReadLines(Document))
        {
            if (line.StartsWith('#'))
            {
                component = line.StartsWith("### ", StringComparison.Ordinal) && line.Contains("::", StringComparison.Ordinal)
                    ? line[4..].Trim()
                    : null;
            }
            else if (component is not null && TableRow().Match(line) is { Success: true } match)
            {
                rows.Add(new Row(component, match.Groups["key"].Value, match.Groups["here"].Value));
            }
        }

        return rows;
    }

    [GeneratedRegex(@"^\| `(?<key>[a-z0-9_:]+)` \| (?<here>\w+) \|")]
    private static partial Regex TableRow();
}
