using System.Text.Json;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Attribution;

/// <summary>Answers <c>/api/rules</c>: the rules in force, what they have done, and what became of the last change.</summary>
/// <param name="attributor">The rules in force and their counts.</param>
/// <param name="source">Where they come from.</param>
internal sealed class RulesApi(Attributor attributor, RuleSource source)
{
    private const string JsonType = "application/json";

    /// <summary>Answers a request.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="answer">The answer.</param>
    public void Answer(PageRequest request, PageAnswer answer)
    {
        answer.ContentType = JsonType;
        using var json = new Utf8JsonWriter(answer.Body);
        json.WriteStartObject();
        if (request.Path == "/api/rules")
        {
            answer.StatusCode = 200;
            WriteSource(json, source.Status);
            json.WriteStartArray("rules");
            var (rules, stats) = (attributor.Rules, attributor.Stats);
            for (var i = 0; i < rules.Rules.Count && i < stats.Length; i++)
            {
                WriteRule(json, rules.Rules[i], stats[i].HitCount, stats[i].EventCount, stats[i].LastHitMs);
            }

            json.WriteEndArray();
        }
        else
        {
            answer.StatusCode = 404;
            json.WriteString("error", "there is /api/rules");
        }

        json.WriteEndObject();
    }

    private static void WriteSource(Utf8JsonWriter json, RuleSourceStatus status)
    {
        json.WriteString("source", status.Files.Count == 0 ? "shipped" : "files");
        json.WriteString("hash", status.Hash);
        json.WriteString("loaded_at", status.LoadedAt);
        json.WriteStartObject("last_reload");
        json.WriteString("at", status.TriedAt);
        json.WriteBoolean("ok", status.Errors.Count == 0);
        json.WriteStartArray("errors");
        foreach (var error in status.Errors)
        {
            json.WriteStringValue(error);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartArray("files");
        foreach (var file in status.Files)
        {
            json.WriteStringValue(file);
        }

        json.WriteEndArray();
    }

    private static void WriteRule(Utf8JsonWriter json, Rule rule, long hits, long events, long lastHitMs)
    {
        json.WriteStartObject();
        json.WriteString("id", rule.Id);
        json.WriteNumber("version", rule.Version);
        json.WriteString("status", rule.Status switch
        {
            RuleStatus.Active => "active",
            RuleStatus.Shadow => "shadow",
            _ => "off",
        });
        json.WriteString("scope", rule.Window is not null ? "window" : rule.Scope == RuleScope.Trace ? "trace" : "span");
        json.WriteString("description", rule.Description);
        json.WriteString("category", rule.Then.Category);
        json.WriteString("root_cause", rule.Then.RootCause);
        json.WriteString("priority", rule.Then.Priority.ToString());
        json.WriteStartArray("notify");
        foreach (var target in rule.Then.Notify)
        {
            json.WriteStringValue(target);
        }

        json.WriteEndArray();
        json.WriteNumber("hits", hits);
        json.WriteNumber("events", events);
        if (lastHitMs > 0)
        {
            json.WriteString("last_hit", DateTimeOffset.FromUnixTimeMilliseconds(lastHitMs));
        }
        else
        {
            json.WriteNull("last_hit");
        }

        json.WriteString("file", rule.Position.Source);
        json.WriteNumber("line", rule.Position.Line);
        json.WriteEndObject();
    }
}
