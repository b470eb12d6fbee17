using System.Globalization;
using System.Linq;
using System.Text.Json;

namespace TelemetryPipeline.IntegrationTests;

/// <summary>A span, data point or log record as the file exporter wrote it.</summary>
/// <param name="Service">Its resource's <c>service.name</c>.</param>
/// <param name="Metric">The metric that a data point belongs to.</param>
/// <param name="Json">The object itself.</param>
internal sealed record ReceivedItem(string Service, string Metric, JsonElement Json)
{
    /// <summary>A text or number property; empty when absent.</summary>
    public string this[string property] => Json.TryGetProperty(property, out var value) ? value.ToString() : "";

    /// <summary>An attribute's value as JSON; an undefined element when absent.</summary>
    public JsonElement Attribute(string key)
    {
        foreach (var pair in ReceivedTelemetry.List(Json, "attributes"))
        {
            if (pair.GetProperty("key").GetString() == key)
            {
                return pair.GetProperty("value");
            }
        }

        return default;
    }

    /// <summary>A text attribute; empty when absent.</summary>
    public string Text(string key) =>
        Attribute(key) is { ValueKind: JsonValueKind.Object } value ? value.GetProperty("stringValue").GetString()! : "";

    /// <summary>A whole-number attribute.</summary>
    public long Integer(string key) =>
        long.Parse(Attribute(key).GetProperty("intValue").ToString(), CultureInfo.InvariantCulture);
}

/// <summary>What a collector has written with its file exporter, read with a JSON parser that is not ours.</summary>
internal sealed class ReceivedTelemetry
{
    /// <summary>Every span.</summary>
    public List<ReceivedItem> Spans { get; } = [];

    /// <summary>Every data point.</summary>
    public List<ReceivedItem> Points { get; } = [];

    /// <summary>Every log record.</summary>
    public List<ReceivedItem> Logs { get; } = [];

    /// <summary>Reads files of OTLP/JSON lines; one that does not exist is empty.</summary>
    public static ReceivedTelemetry Read(params IEnumerable<string> files)
    {
        var found = new ReceivedTelemetry();
        foreach (var line in files.Where(File.Exists).SelectMany(CompleteLines))
        {
            using var document = JsonDocument.Parse(line);
            found.Add(document.RootElement.Clone());
        }

        return found;
    }

    /// <summary>The elements of an array property; none when absent.</summary>
    public static IEnumerable<JsonElement> List(JsonElement parent, string property) =>
        parent.TryGetProperty(property, out var list) ? list.EnumerateArray() : [];

    // A collector that still writes, or that was killed, may have written a part of the last line.
    private static string[] CompleteLines(string file) => File.ReadAllText(file).Split('\n')[..^1];

    private void Add(JsonElement request)
    {
        foreach (var resource in List(request, "resourceSpans"))
        {
            var records = List(resource, "scopeSpans").SelectMany(s => List(s, "spans"));
            Spans.AddRange(records.Select(r => new ReceivedItem(Service(resource), "", r)));
        }

        foreach (var resource in List(request, "resourceLogs"))
        {
            var records = List(resource, "scopeLogs").SelectMany(s => List(s, "logRecords"));
            Logs.AddRange(records.Select(r => new ReceivedItem(Service(resource), "", r)));
        }

        foreach (var resource in List(request, "resourceMetrics"))
        {
            foreach (var metric in List(resource, "scopeMetrics").SelectMany(s => List(s, "metrics")))
            {
                var name = metric.GetProperty("name").GetString()!;
                var data = metric.EnumerateObject().First(p => p.Value.ValueKind == JsonValueKind.Object).Value;
                Points.AddRange(List(data, "dataPoints").Select(p => new ReceivedItem(Service(resource), name, p)));
            }
        }
    }

    private static string Service(JsonElement resource) =>
        resource.TryGetProperty("resource", out var attributes)
            ? new ReceivedItem("", "", attributes).Text("service.name")
            : "";
}
