using System.Globalization;
using System.Text;
using TelemetryPipeline.Exporters.Alerting.Diagrams;
using TelemetryPipeline.Exporters.Alerting.Templates;
using TelemetryPipeline.Transfers.AttributionEvents;

namespace TelemetryPipeline.Exporters.Alerting.Receivers;

/// <summary>Writes what a WeCom robot says, within its 4096 bytes. No state, no I/O.</summary>
internal static class WeComMessage
{
    /// <summary>Bytes of content at most.</summary>
    public const int BytesMax = 4096;

    private const int LineMax = 300;
    private const int ValueMax = 400;
    private const string Fence = "```";

    // Ever shorter diagrams, and then none.
    private static readonly int[] StepCounts = [AttributionEventReader.ChainMax, 16, 10, 6, 4, 2, 0];

    /// <summary>An alert with everything, its diagram in as much detail as fits.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="config">The receiver.</param>
    /// <param name="isShortened">Whether something had to go.</param>
    public static string Full(Alert alert, ReceiverConfig config, out bool isShortened)
    {
        isShortened = false;
        var head = Head(alert, config);
        foreach (var steps in StepCounts)
        {
            var content = head + Diagram(alert, steps);
            if (Encoding.UTF8.GetByteCount(content) <= BytesMax)
            {
                return content;
            }

            isShortened = true;
        }

        return Cut(head, BytesMax);
    }

    /// <summary>A line for each of several alerts, as many as fit.</summary>
    /// <param name="alerts">The alerts, the most urgent first.</param>
    /// <param name="told">How many are in it, from the first on.</param>
    public static string Digest(IReadOnlyList<Alert> alerts, out int told)
    {
        var text = new StringBuilder("# Several alerts at once\n");
        var size = Encoding.UTF8.GetByteCount(text.ToString());
        told = 0;
        foreach (var alert in alerts)
        {
            var line = $"> {Cut(Line(alert), LineMax)}\n";
            size += Encoding.UTF8.GetByteCount(line);
            if (told > 0 && size > BytesMax)
            {
                break;
            }

            text.Append(line);
            told++;
        }

        return text.ToString();
    }

    /// <summary>
    /// A value from outside that can start nothing of its own: WeCom documents no way to escape, so what begins links,
    /// mentions, colours and code becomes a character that looks much like it.
    /// </summary>
    /// <param name="text">The text as it came.</param>
    public static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var c in Cut(text, ValueMax))
        {
            plain.Append(c switch
            {
                '[' => '(',
                ']' => ')',
                '<' => '\u2039',
                '`' => '\'',
                '*' => '\u2217',
                _ when char.IsControl(c) => ' ',
                _ => c,
            });
        }

        return plain.ToString();
    }

    private static string Head(Alert alert, ReceiverConfig config)
    {
        var e = alert.Newest;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {Mark(alert, config)} {Plain(e.RuleId)}\n{Plain(e.Summary)}\n");
        Add(text, "root cause", e.Text(AttributionKeys.RootCause));
        Add(text, "events", string.Create(CultureInfo.InvariantCulture, $"{alert.Count} since {TemplateFields.Time(alert.StartsAt)}"));
        Add(text, "impact", ImpactText.Of(alert));
        Add(text, "path", e.Text(AttributionKeys.Path));
        Add(text, "trace", alert.TraceIds.Count > 0 ? alert.TraceIds[0] : "");
        Add(text, "notify", string.Join(", ", e.Notify));
        if (alert.EndsAt is { } end)
        {
            Add(text, "ended", TemplateFields.Time(end));
        }

        if (config.Link is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"[Open]({config.Link.Fill(alert, config.Name)})\n");
        }

        return text.ToString();
    }

    // The newer markdown has no colours.
    private static string Mark(Alert alert, ReceiverConfig config)
    {
        var word = alert.IsFiring ? Plain($"{alert.Newest.Priority} firing".Trim()) : "resolved";
        return config.IsMarkdownV2 ? word : $"<font color=\"{(alert.IsFiring ? "warning" : "info")}\">{word}</font>";
    }

    private static string Line(Alert alert)
    {
        var labels = new List<string>();
        foreach (var (name, value) in alert.Labels)
        {
            if (name != "alertname")
            {
                labels.Add(value);
            }
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{alert.Status}: **{Plain(alert.Newest.RuleId)}** {alert.Count} events, {Plain(string.Join(", ", labels))}");
    }

    private static void Add(StringBuilder text, string name, string value)
    {
        if (value.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"> {name}: {Plain(value)}\n");
        }
    }

    private static string Diagram(Alert alert, int steps) => steps > 0 && alert.Newest.Chain.Count > 0
        ? $"{Fence}mermaid\n{ChainDiagram.Draw(alert.Newest.Chain, steps)}{Fence}\n"
        : "";

    // Whole characters only: what WeCom counts are bytes of UTF-8.
    private static string Cut(string text, int bytesMax)
    {
        if (Encoding.UTF8.GetByteCount(text) <= bytesMax)
        {
            return text;
        }

        var size = 3;
        var end = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (size + rune.Utf8SequenceLength > bytesMax)
            {
                break;
            }

            size += rune.Utf8SequenceLength;
            end += rune.Utf16SequenceLength;
        }

        return string.Concat(text.AsSpan(0, end), "...");
    }
}
