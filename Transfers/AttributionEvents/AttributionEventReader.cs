using System.Buffers;
using System.Globalization;
using System.Text;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Otlp.Views;

namespace TelemetryPipeline.Transfers.AttributionEvents;

/// <summary>Reads attribution events from log records. Sizes are bounded: what is longer is cut, what is more is left out.</summary>
public static class AttributionEventReader
{
    /// <summary>Steps of a chain that are kept: the first half and the last half of a longer one.</summary>
    public const int ChainMax = 64;

    private const int TextMax = 2048;
    private const int AttributesMax = 128;
    private const int NotifyMax = 32;
    private const long NsPerTick = 100;

    /// <summary>Reads one record.</summary>
    /// <param name="view">The chunk.</param>
    /// <param name="node">The record's node.</param>
    /// <returns>Null when the record is no attribution event: another name, or no rule or event id.</returns>
    public static AttributionEvent? Read(OtlpView view, int node)
    {
        if (!view.Name(node).SequenceEqual(AttributionKeys.EventName))
        {
            return null;
        }

        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        List<ChainStep> chain = [];
        List<string> notify = [];
        foreach (var attribute in view.Attributes(node))
        {
            if (attribute.Key.SequenceEqual(AttributionKeys.Chain))
            {
                chain = ReadChain(attribute.Value);
                continue;
            }

            if (attribute.Key.SequenceEqual(AttributionKeys.Notify))
            {
                notify = ReadTexts(attribute.Value);
            }

            Keep(attributes, attribute);
        }

        foreach (var attribute in view.Attributes(view.ResourceOf(node)))
        {
            Keep(attributes, attribute);
        }

        return attributes.GetValueOrDefault(AttributionKeys.EventId) is { Length: > 0 } eventId
            && attributes.GetValueOrDefault(AttributionKeys.RuleId) is { Length: > 0 } ruleId
            ? Make(view, node, eventId, ruleId, attributes, chain, notify)
            : null;
    }

    private static AttributionEvent Make(
        OtlpView view, int node, string eventId, string ruleId, Dictionary<string, string> attributes,
        List<ChainStep> chain, List<string> notify)
    {
        var record = new LogRecordView(view.ReceivedBytes(node));
        var made = new AttributionEvent
        {
            EventId = eventId,
            RuleId = ruleId,
            IsResolved = attributes.GetValueOrDefault(AttributionKeys.State) == "resolved",
            IsShadow = attributes.GetValueOrDefault(AttributionKeys.Shadow) == "true",
            Priority = attributes.GetValueOrDefault(AttributionKeys.Priority, ""),
            Notify = notify,
            Chain = chain,
            Summary = TextOf(view.Body(node)),
            TraceId = Convert.ToHexStringLower(record.TraceId),
            SpanId = Convert.ToHexStringLower(record.SpanId),
            Time = record.TimeNs == 0 ? default : DateTimeOffset.UnixEpoch.AddTicks((long)(record.TimeNs / NsPerTick)),
            Attributes = attributes,
        };
        return made with { Revision = Math.Max(made.Number(AttributionKeys.Revision), 1) };
    }

    private static void Keep(Dictionary<string, string> attributes, AttributeView attribute)
    {
        if (attributes.Count < AttributesMax && attribute.Key.Length is > 0 and <= 256)
        {
            attributes.TryAdd(Encoding.UTF8.GetString(attribute.Key), TextOf(attribute.Value));
        }
    }

    private static List<ChainStep> ReadChain(AnyValueView value)
    {
        var steps = new List<ChainStep>();
        foreach (var element in value.Elements)
        {
            steps.Add(ReadStep(element));
            if (steps.Count > ChainMax)
            {
                steps.RemoveAt(ChainMax / 2);
            }
        }

        return steps;
    }

    private static ChainStep ReadStep(AnyValueView value)
    {
        var step = new ChainStep();
        foreach (var entry in value.Entries)
        {
            var text = TextOf(entry.Value);
            step = Encoding.UTF8.GetString(entry.Key) switch
            {
                "service.name" => step with { Service = text },
                "node_type" => step with { NodeType = text },
                "span_id" => step with { SpanId = text },
                "name" => step with { Name = text },
                "start_ns" => step with { StartNs = NumberOf(text) },
                "duration_ns" => step with { DurationNs = NumberOf(text) },
                "status" => step with { Status = text },
                "code" => step with { Code = text },
                _ => step,
            };
        }

        return step;
    }

    private static long NumberOf(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static List<string> ReadTexts(AnyValueView value)
    {
        var texts = new List<string>();
        if (value.Kind == AnyValueKind.Text)
        {
            texts.Add(TextOf(value));
        }

        foreach (var element in value.Elements)
        {
            if (texts.Count < NotifyMax)
            {
                texts.Add(TextOf(element));
            }
        }

        return texts;
    }

    // Cut between characters: a surrogate alone could not be written as UTF-8 again.
    private static string TextOf(AnyValueView value)
    {
        if (value.Kind == AnyValueKind.Text)
        {
            return Cut(Encoding.UTF8.GetString(value.Text));
        }

        var buffer = new ArrayBufferWriter<byte>();
        value.WriteText(buffer);
        return Cut(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static string Cut(string text)
    {
        if (text.Length <= TextMax)
        {
            return text;
        }

        var end = char.IsHighSurrogate(text[TextMax - 1]) ? TextMax - 1 : TextMax;
        return string.Concat(text.AsSpan(0, end), "...");
    }
}
