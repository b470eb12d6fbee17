using System.Linq;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TelemetryPipeline.TestSupport;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Elasticsearch;

/// <summary>The dashboards in deploy/ fit together, and ask for fields that documents have.</summary>
public sealed partial class SavedObjectsTests
{
    [Theory]
    [InlineData("kibana")]
    [InlineData("opensearch-dashboards")]
    public void File_OfSavedObjects_IsWholeAndAsksForFieldsThatAreThere(string folder)
    {
        var objects = File.ReadLines(Path.Combine(RepositoryRoot.Path, "deploy", folder, "telemetry-pipeline.ndjson"))
            .Select(static line => JsonNode.Parse(line)!).ToList();
        var ids = objects.Select(static o => $"{o["type"]} {o["id"]}").ToHashSet(StringComparer.Ordinal);
        Assert.Equal(objects.Count, ids.Count);
        Assert.All(objects.SelectMany(static o => o["references"]!.AsArray()), r => Assert.Contains($"{r!["type"]} {r["id"]}", ids));
        var fields = Fields();
        Assert.All(objects.SelectMany(FieldsOf), field => Assert.Contains(field, fields));
        Assert.Contains(objects, static o => (string)o["attributes"]!["title"]! == "Attribution feed");
        Assert.Contains(objects, static o => (string)o["attributes"]!["title"]! == "Failing chains by root cause");
    }

    private static IEnumerable<string> FieldsOf(JsonNode saved)
    {
        var attributes = saved["attributes"]!;
        foreach (var column in attributes["columns"]?.AsArray() ?? [])
        {
            yield return (string)column!;
        }

        foreach (var aggregation in attributes["visState"] is { } state ? JsonNode.Parse((string)state!)!["aggs"]!.AsArray() : [])
        {
            if (aggregation!["params"]!["field"] is { } field)
            {
                yield return (string)field!;
            }
        }

        var source = JsonNode.Parse((string?)attributes["kibanaSavedObjectMeta"]?["searchSourceJSON"] ?? "{}")!;
        foreach (Match match in QueryField().Matches((string?)source["query"]?["query"] ?? ""))
        {
            yield return match.Groups["field"].Value;
        }
    }

    private static HashSet<string> Fields()
    {
        var span = new TransferTraces().Request(1, failing: true);
        var documents = EncodedDocuments.Of(ElasticsearchData.Logs(ElasticsearchData.Attribution(), Prioritised())).Sources
            .Concat(EncodedDocuments.Of(span).Sources);
        var fields = new HashSet<string>(StringComparer.Ordinal);
        foreach (var document in documents)
        {
            Collect(document, "", fields);
        }

        return fields;
    }

    private static OpenTelemetry.Proto.Logs.V1.LogRecord Prioritised()
    {
        var record = ElasticsearchData.Attribution(revision: 2);
        ElasticsearchData.Add(record.Attributes, ("anomaly.priority", ElasticsearchData.Text("P1")));
        return record;
    }

    private static void Collect(JsonNode node, string path, HashSet<string> fields)
    {
        if (node is JsonObject holder)
        {
            foreach (var (name, value) in holder)
            {
                if (value is not null)
                {
                    Collect(value, path.Length == 0 ? name : $"{path}.{name}", fields);
                }
            }
        }

        fields.Add(path);
    }

    [GeneratedRegex(@"(?<field>[\w.@]+) :")]
    private static partial Regex QueryField();
}
