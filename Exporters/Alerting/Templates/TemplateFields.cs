using System.Buffers.Text;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using TelemetryPipeline.Exporters.Alerting.Diagrams;
using TelemetryPipeline.Exporters.Alerting.Events;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Transfers.AttributionEvents;

namespace TelemetryPipeline.Exporters.Alerting.Templates;

/// <summary>All placeholders: those with names of their own, <c>labels.NAME</c> and <c>attributes.KEY</c>.</summary>
internal static class TemplateFields
{
    private const string LabelPrefix = "labels.";
    private const string AttributePrefix = "attributes.";

    private static readonly Dictionary<string, TemplateField> Named = new TemplateField[]
    {
        Text("status", static a => a.Status),
        Text("fingerprint", static a => a.Fingerprint),
        new("receiver", TemplateValueKind.Text, static (_, receiver) => receiver),
        Raw("labels", static a => Json(writer => WriteLabels(writer, a))),
        Raw("count", static a => Digits(a.Count)),
        Text("starts_at", static a => Time(a.StartsAt)),
        Text("updated_at", static a => Time(a.UpdatedAt)),
        Text("ends_at", static a => a.EndsAt is { } end ? Time(end) : ""),
        Text("summary", static a => a.Newest.Summary),
        Text("event_id", static a => a.Newest.EventId),
        Text("span_id", static a => a.Newest.SpanId),
        Text("trace_id", static a => a.TraceIds.Count > 0 ? a.TraceIds[0] : a.Newest.TraceId),
        Raw("trace_ids", static a => Json(writer => WriteTexts(writer, a.TraceIds))),
        Raw("notify", static a => Json(writer => WriteTexts(writer, a.Newest.Notify))),
        Raw("chain", static a => Json(writer => WriteChain(writer, a.Newest.Chain))),
        Text("diagram", static a => ChainDiagram.Draw(a.Newest.Chain)),
        Text("diagram_base64url", static a => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(ChainDiagram.Draw(a.Newest.Chain)))),
        Raw("evidence", static a => a.Newest.Text(AttributionKeys.Evidence) is ['{', ..] json && IsJson(json) ? json : ""),
        Raw("customers", static a => Digits(a.Customers)),
        Raw("amounts", static a => Json(writer => WriteAmounts(writer, a.Amounts))),
        Text("impact", ImpactText.Of),
    }.ToDictionary(static f => f.Name, StringComparer.Ordinal);

    private static readonly string[] EventFields =
    [
        "rule_id", "rule_version", "scope", "category", "root_cause", "priority", "severity", "path", "service", "node_type",
        "operation", "code", "tenant",
    ];

    /// <summary>Names for documentation and for hints.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Named.Keys, .. EventFields];

    /// <summary>Finds a placeholder.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>Null when there is none of that name.</returns>
    public static TemplateField? Find(string name)
    {
        if (Named.TryGetValue(name, out var named))
        {
            return named;
        }

        if (name.StartsWith(LabelPrefix, StringComparison.Ordinal) && name.Length > LabelPrefix.Length)
        {
            var label = name[LabelPrefix.Length..];
            return new(name, TemplateValueKind.Text, (alert, _) => LabelOf(alert, label));
        }

        var key = name.StartsWith(AttributePrefix, StringComparison.Ordinal) ? name[AttributePrefix.Length..]
            : EventFields.Contains(name) ? name : "";
        return key.Length > 0 && EventField.Find(key) is { } field
            ? new(name, TemplateValueKind.Text, (alert, _) => field.Of(alert.Newest))
            : null;
    }

    /// <summary>A time as RFC 3339 in UTC with milliseconds.</summary>
    /// <param name="time">The time.</param>
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static TemplateField Text(string name, Func<Alert, string> read) =>
        new(name, TemplateValueKind.Text, (alert, _) => read(alert));

    private static TemplateField Raw(string name, Func<Alert, string> read) =>
        new(name, TemplateValueKind.Raw, (alert, _) => read(alert));

    private static string Digits(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string LabelOf(Alert alert, string name)
    {
        foreach (var (label, value) in alert.Labels)
        {
            if (label == name)
            {
                return value;
            }
        }

        return "";
    }

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var buffer = new PooledBuffer();
        using (var writer = new Utf8JsonWriter((System.Buffers.IBufferWriter<byte>)buffer))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.Written.Span);
    }

    // Evidence came from outside as a list of keys; one that was cut for its length is JSON no more.
    private static bool IsJson(string text)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void WriteLabels(Utf8JsonWriter writer, Alert alert)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in alert.Labels)
        {
            writer.WriteString(name, value);
        }

        writer.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter writer, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray();
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    private static void WriteAmounts(Utf8JsonWriter writer, IReadOnlyList<KeyValuePair<string, long>> amounts)
    {
        writer.WriteStartObject();
        foreach (var (currency, amount) in amounts)
        {
            writer.WriteNumber(currency, amount);
        }

        writer.WriteEndObject();
    }

    private static void WriteChain(Utf8JsonWriter writer, IReadOnlyList<ChainStep> chain)
    {
        writer.WriteStartArray();
        foreach (var step in chain)
        {
            writer.WriteStartObject();
            writer.WriteString("service", step.Service);
            writer.WriteString("node_type", step.NodeType);
            writer.WriteString("span_id", step.SpanId);
            writer.WriteString("name", step.Name);
            writer.WriteNumber("start_ns", step.StartNs);
            if (step.DurationNs is { } durationNs)
            {
                writer.WriteNumber("duration_ns", durationNs);
            }

            writer.WriteString("status", step.Status);
            writer.WriteString("code", step.Code);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
