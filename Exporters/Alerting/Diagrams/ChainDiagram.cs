using System.Globalization;
using System.Text;
using TelemetryPipeline.Transfers.AttributionEvents;

namespace TelemetryPipeline.Exporters.Alerting.Diagrams;

/// <summary>
/// Draws a failing chain as a Mermaid sequence diagram: a participant for each node, an arrow for each step with its
/// duration, the origin highlighted with its code, and the failure's way back. A pure function.
/// </summary>
internal static class ChainDiagram
{
    private const int NameMax = 80;
    private const double NsPerMs = 1e6;

    /// <summary>Draws a chain.</summary>
    /// <param name="chain">From the root to the origin; empty gives an empty text.</param>
    /// <param name="stepsMax">Steps drawn at most, 2 or more: of a longer chain the beginning and the end.</param>
    public static string Draw(IReadOnlyList<ChainStep> chain, int stepsMax = int.MaxValue)
    {
        if (chain.Count == 0)
        {
            return "";
        }

        var (steps, gapAt, left) = Shorten(chain, stepsMax);
        var participants = new Dictionary<string, string>(StringComparer.Ordinal);
        var text = new StringBuilder("sequenceDiagram\n");
        foreach (var step in steps)
        {
            if (participants.TryAdd(step.Service, Name(participants.Count + 1)))
            {
                text.Append("  participant ").Append(participants[step.Service]).Append(" as ")
                    .Append(Escape(step.Service.Length == 0 ? "unknown" : step.Service)).Append('\n');
            }
        }

        for (var i = 0; i < steps.Count; i++)
        {
            if (left > 0 && i == gapAt)
            {
                text.Append(CultureInfo.InvariantCulture, $"  Note over {participants[steps[i - 1].Service]},{participants[steps[i].Service]}: {left} steps left out\n");
            }

            AddStep(text, steps, i, participants);
        }

        AddWayBack(text, steps, participants);
        return text.ToString();
    }

    /// <summary>A text as Mermaid takes it inside a message, note or alias: what could end or change a statement is an entity.</summary>
    /// <param name="text">The text as it came.</param>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (++length > NameMax)
            {
                escaped.Append("...");
                break;
            }

            switch (rune.Value)
            {
                case '#' or ';' or '<' or '>' or '"' or '%' or '{' or '}' or '&' or '`' or '\\':
                    escaped.Append(CultureInfo.InvariantCulture, $"#{rune.Value};");
                    break;
                case var control when Rune.IsControl(rune) || control is 0x2028 or 0x2029:
                    escaped.Append(' ');
                    break;
                default:
                    escaped.Append(rune.ToString());
                    break;
            }
        }

        return escaped.ToString();
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"n{number}");

    private static (List<ChainStep> Steps, int GapAt, int Left) Shorten(IReadOnlyList<ChainStep> chain, int stepsMax)
    {
        var steps = new List<ChainStep>(chain);
        var left = chain.Count - Math.Max(stepsMax, 2);
        if (left <= 0)
        {
            return (steps, 0, 0);
        }

        var head = Math.Max(stepsMax, 2) / 2;
        steps.RemoveRange(head, left);
        return (steps, head, left);
    }

    private static void AddStep(
        StringBuilder text, List<ChainStep> steps, int index, Dictionary<string, string> participants)
    {
        var step = steps[index];
        var to = participants[step.Service];
        var isOrigin = index == steps.Count - 1;
        if (isOrigin)
        {
            text.Append("  rect rgb(255, 214, 214)\n");
        }

        var label = Escape(step.Name.Length == 0 ? "call" : step.Name)
            + (step.DurationNs is { } durationNs ? $" ({Duration(durationNs)})" : "");
        if (index == 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"  Note over {to}: {label}\n");
        }
        else
        {
            text.Append(CultureInfo.InvariantCulture, $"  {participants[steps[index - 1].Service]}->>{to}: {label}\n");
        }

        if (isOrigin)
        {
            text.Append(CultureInfo.InvariantCulture, $"  Note over {to}: {Escape(Verdict(step))}\n  end\n");
        }
    }

    // From the origin up, as far as each node failed because the one below it had.
    private static void AddWayBack(StringBuilder text, List<ChainStep> steps, Dictionary<string, string> participants)
    {
        for (var i = steps.Count - 1; i > 0 && steps[i].HasFailed; i--)
        {
            var from = participants[steps[i].Service];
            var to = participants[steps[i - 1].Service];
            text.Append(CultureInfo.InvariantCulture, $"  {from}--x{to}: {Escape(Verdict(steps[i]))}\n");
        }
    }

    private static string Verdict(ChainStep step) =>
        step.Code.Length > 0 ? step.Code : step.Status.Length > 0 ? step.Status : "failed";

    private static string Duration(long durationNs)
    {
        var ms = durationNs / NsPerMs;
        var format = ms switch { >= 100 => "0", >= 10 => "0.#", >= 0.01 => "0.##", _ => "0.####" };
        return ms.ToString(format, CultureInfo.InvariantCulture) + " ms";
    }
}
