using System.Text.Json;
using TelemetryPipeline.Exporters.Alerting.Templates;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters.Alerting.Receivers;

/// <summary>
/// Alertmanager's API v2, <c>POST /api/v2/alerts</c>. An alert that fires gets an end in the future, four repeats away,
/// so that it ends by itself should this process be gone.
/// </summary>
/// <param name="config">The settings.</param>
/// <param name="time">The clock.</param>
internal sealed class AlertmanagerNotifier(ReceiverConfig config, TimeProvider time) : INotifier
{
    private const int RepeatsUntilEnd = 4;

    /// <inheritdoc/>
    public int AlertsMax => 64;

    /// <inheritdoc/>
    public int Write(IReadOnlyList<Alert> alerts, int requestsLeft, Stream body)
    {
        using var writer = new Utf8JsonWriter(body);
        writer.WriteStartArray();
        foreach (var alert in alerts)
        {
            Write(writer, alert);
        }

        writer.WriteEndArray();
        return alerts.Count;
    }

    /// <inheritdoc/>
    public ConsumeResult Read(ReadOnlySpan<byte> answer) => ConsumeResult.Accepted;

    private void Write(Utf8JsonWriter writer, Alert alert)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("labels");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, value) in alert.Labels)
        {
            writer.WriteString(name, value);
            names.Add(name);
        }

        // What the group says of itself counts.
        foreach (var (name, value) in config.Labels)
        {
            if (names.Add(name))
            {
                writer.WriteString(name, value);
            }
        }

        writer.WriteEndObject();
        writer.WriteStartObject("annotations");
        foreach (var (name, template) in config.Annotations)
        {
            if (template.Fill(alert, config.Name) is { Length: > 0 } text)
            {
                writer.WriteString(name, text);
            }
        }

        writer.WriteEndObject();
        var end = alert.EndsAt ?? (time.GetUtcNow() + (RepeatsUntilEnd * config.RepeatInterval));

        // Clocks differ: a beginning after the end would be refused.
        var start = alert.StartsAt < end ? alert.StartsAt : end;
        writer.WriteString("startsAt", TemplateFields.Time(start));
        writer.WriteString("endsAt", TemplateFields.Time(end));
        if (config.Link is not null)
        {
            writer.WriteString("generatorURL", config.Link.Fill(alert, config.Name));
        }

        writer.WriteEndObject();
    }
}
