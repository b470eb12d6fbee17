using System.Linq;

namespace TelemetryPipeline.Attribution.Rules.Testing;

/// <summary>Compares the events of a test with those it expects.</summary>
internal static class EventComparison
{
    /// <summary>What differs, a line each; empty when nothing does.</summary>
    /// <param name="expected">What the test expects.</param>
    /// <param name="observed">What came.</param>
    public static IReadOnlyList<string> Differences(IReadOnlyList<ExpectedEvent> expected, IReadOnlyList<ObservedEvent> observed)
    {
        var open = observed.ToList();
        var missing = new List<ExpectedEvent>();

        // Those that say most choose first, so that a vague one does not take what another needs.
        foreach (var one in expected.OrderByDescending(static e => e.Fields.Count))
        {
            var at = open.FindIndex(other => Mismatches(one, other).Count == 0);
            if (at < 0)
            {
                missing.Add(one);
            }
            else
            {
                open.RemoveAt(at);
            }
        }

        var lines = new List<string>();
        foreach (var one in missing)
        {
            var near = open.Where(other => Field(one, "rule") == other.Rule).MinBy(other => Mismatches(one, other).Count);
            lines.Add($"{one.Position}: expected {Text(one.Fields)}");
            if (near is not null)
            {
                open.Remove(near);
                lines.AddRange(Mismatches(one, near).Select(static m => $"  {m.Name}: expected \"{m.Expected}\", got \"{m.Found}\""));
            }
            else
            {
                lines.Add("  got no such event");
            }
        }

        lines.AddRange(open.Select(static other => $"got an event that is not expected: {Text(other.Fields)}"));
        return lines;
    }

    private static List<(string Name, string Expected, string Found)> Mismatches(ExpectedEvent expected, ObservedEvent observed) =>
    [
        .. expected.Fields.Select(field => (field.Key, field.Value, observed.Fields.GetValueOrDefault(field.Key, "")))
            .Where(static m => m.Item2 != m.Item3),
    ];

    private static string? Field(ExpectedEvent expected, string name) =>
        expected.Fields.Where(field => field.Key == name).Select(static field => field.Value).FirstOrDefault();

    private static string Text(IEnumerable<KeyValuePair<string, string>> fields) =>
        $"{{{string.Join(", ", fields.Where(static field => field.Value.Length > 0).Select(static field => $"{field.Key}: {field.Value}"))}}}";
}
