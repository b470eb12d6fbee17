using System.Linq;
using TelemetryPipeline.Attribution.Rules.Language;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Attribution.Rules.Testing;

/// <summary>Reads test files of rules.</summary>
/// <param name="errors">Takes the problems.</param>
internal sealed class RuleTestReader(ConfigErrors errors)
{
    private const int RepeatMax = 100_000;
    private static readonly TimeSpan UntilMax = TimeSpan.FromHours(2);

    private readonly LiteralReader _literals = new(errors);

    /// <summary>Reads a file.</summary>
    /// <param name="document">Its content.</param>
    /// <param name="rules">The rule files it names.</param>
    /// <returns>Its tests, of no use when there are errors.</returns>
    public IReadOnlyList<RuleTest> Read(ConfigNode document, out IReadOnlyList<(string Text, SourcePosition Position)> rules)
    {
        var file = new ConfigSection(document, document.Position, "", errors);
        rules = file.PlacedTexts("rules");
        var tests = file.Sections("tests").Select(ReadTest).ToArray();
        if (tests.Length == 0 && errors.IsEmpty)
        {
            file.Error("tests", "must be set to a list of tests");
        }

        file.Finish();
        return tests;
    }

    private RuleTest ReadTest(ConfigSection section)
    {
        TimeSpan? until = section.Has("until") ? section.Duration("until", TimeSpan.Zero, TimeSpan.FromMilliseconds(1)) : null;
        if (until > UntilMax)
        {
            section.Error("until", $"must be {GoDuration.Format(UntilMax)} or less, got {GoDuration.Format(until.Value)}");
        }

        var test = new RuleTest
        {
            Name = section.RequiredText("name"),
            Position = section.Position,
            Spans = [.. section.Sections("spans").Select(ReadSpan)],
            Events = [.. section.Sections("events").Select(ReadEvent)],
            Until = until,
        };
        if (test.Spans.Count == 0)
        {
            section.Error("spans", "must be set to a list of spans");
        }

        if (!section.Has("events"))
        {
            section.Error("events", "must be set to the list of all events, [] for none");
        }

        section.Finish();
        return test;
    }

    private TestSpan ReadSpan(ConfigSection section)
    {
        var service = section.RequiredText("service");
        var attributes = ReadValues(section, "attributes");
        if (section.Text("node_type") is { } nodeType)
        {
            attributes.Insert(0, new("node_type", new Literal(LiteralKind.Text, nodeType)));
        }

        var repeat = section.Section("repeat");
        var span = new TestSpan
        {
            Id = section.Text("id") ?? service,
            Trace = section.Text("trace") ?? "trace",
            Parent = section.Text("parent") ?? "",
            Service = service,
            Name = section.Text("name") ?? service,
            Kind = section.Word(
                "kind", SpanKind.Server, ("INTERNAL", SpanKind.Internal), ("SERVER", SpanKind.Server), ("CLIENT", SpanKind.Client), ("PRODUCER", SpanKind.Producer), ("CONSUMER", SpanKind.Consumer)),
            Status = section.Word(
                "status", SpanStatusCode.Unset, ("UNSET", SpanStatusCode.Unset), ("OK", SpanStatusCode.Ok), ("ERROR", SpanStatusCode.Error)),
            Start = section.Duration("start", TimeSpan.Zero),
            Duration = section.Duration("duration", TimeSpan.FromMilliseconds(1)),
            Arrival = section.Has("arrives") ? section.Duration("arrives", TimeSpan.Zero) : null,
            Attributes = attributes,
            Resource = ReadValues(section, "resource"),
            RepeatCount = repeat.Int32("count", 1, 1, RepeatMax),
            RepeatEvery = repeat.Duration("every", TimeSpan.Zero),
        };
        repeat.Finish();
        section.Finish();
        return span;
    }

    private List<KeyValuePair<string, Literal>> ReadValues(ConfigSection section, string key)
    {
        var values = new List<KeyValuePair<string, Literal>>();
        var map = section.Section(key);
        foreach (var entry in map.Entries())
        {
            if (_literals.Read(entry.Value, FieldType.Any, [], $"{map.Path}::{entry.Key}") is { } value)
            {
                values.Add(new(entry.Key, value));
            }
        }

        return values;
    }

    private ExpectedEvent ReadEvent(ConfigSection section)
    {
        var fields = new List<KeyValuePair<string, string>>();
        if (!section.Has("rule"))
        {
            section.Error("rule", "must be set to the id of a rule");
        }

        foreach (var entry in section.Entries())
        {
            var isKnown = entry.Key is "trace" || entry.Key.StartsWith(EventFields.EvidencePrefix, StringComparison.Ordinal)
                || EventFields.All.Any(field => field.Name == entry.Key);
            if (!isKnown)
            {
                var names = EventFields.All.Select(static field => field.Name).Append("trace");
                var nearest = NearestWord.Find(entry.Key, names);
                errors.Add(
                    entry.KeyPosition,
                    section.Path,
                    $"unknown field of an event \"{entry.Key}\"; allowed are {string.Join(", ", names)} and evidence.KEY"
                    + (nearest is null ? "" : $"; did you mean \"{nearest}\"?"));
            }
            else if (entry.Value is ConfigScalar { Kind: not ScalarKind.Null } scalar)
            {
                fields.Add(new(entry.Key, scalar.Text));
            }
            else
            {
                errors.Add(entry.Value.Position, $"{section.Path}::{entry.Key}", $"must be one value, got {ConfigSection.Describe(entry.Value)}");
            }
        }

        return new ExpectedEvent(section.Position, fields);
    }
}
