using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using TelemetryPipeline.Exporters.Elasticsearch.Cluster;
using TelemetryPipeline.Exporters.Elasticsearch.Documents;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.Tests.Exporters.Elasticsearch.Documents;

/// <summary>
/// The documents as users see and query them, byte for byte. <c>UPDATE_GOLDEN=1</c> writes the files anew: look at the
/// difference before it is committed, it is a change of everybody's indexes.
/// </summary>
public sealed class GoldenDocumentsTests
{
    private static readonly string Folder = Path.Combine(
        RepositoryRoot.Path, "tests", "TelemetryPipeline.Tests", "Exporters", "Elasticsearch", "Golden");

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static TheoryData<string> Names =>
    [
        "span-otel", "span-ecs", "log-otel", "log-ecs", "attribution-otel", "attribution-ecs",
        "metrics-otel-opensearch", "metrics-otel-elasticsearch-templates", "metrics-otel-elasticsearch-timeseries", "metrics-ecs",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Encode_Telemetry_GivesTheDocumentsOnFile(string name)
    {
        var text = Render(EncodedDocuments.Of(RequestOf(name), OptionsOf(name)));
        var file = Path.Combine(Folder, $"{name}.json");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(file, text);
        }

        Assert.Equal(File.ReadAllText(file), text);
    }

    // Readable as a whole; the bytes of each document are those of the text, only the line breaks are not.
    private static string Render(EncodedDocuments documents)
    {
        var all = new JsonArray();
        for (var i = 0; i < documents.Actions.Count; i++)
        {
            all.Add(new JsonObject { ["create"] = documents.Actions[i].DeepClone(), ["document"] = documents.Sources[i].DeepClone() });
        }

        return all.ToJsonString(Readable) + "\n";
    }

    private static IMessage RequestOf(string name) => name.Split('-')[0] switch
    {
        "span" => ElasticsearchData.Traces(ElasticsearchData.Debit()),
        "log" => ElasticsearchData.Logs(ElasticsearchData.Log()),
        "attribution" => ElasticsearchData.Logs(ElasticsearchData.Attribution()),
        _ => ElasticsearchData.Metrics(
            ElasticsearchData.HeatmapFrame(), ElasticsearchData.Counter("transfers", 7), ElasticsearchData.Gauge("balance", 2),
            ElasticsearchData.Exponential(), ElasticsearchData.Summary()),
    };

    private static EncoderOptions OptionsOf(string name) => new()
    {
        Mode = name.Contains("-ecs", StringComparison.Ordinal) ? MappingMode.Ecs : MappingMode.Otel,
        Features = name switch
        {
            "metrics-otel-elasticsearch-templates" => new ServerFeatures { HasMetricTemplates = true },
            "metrics-otel-elasticsearch-timeseries" => new ServerFeatures { HasMetricTemplates = true, HasTimeSeries = true },
            _ => new ServerFeatures(),
        },
    };
}
