using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using TelemetryPipeline.Exporters.Elasticsearch.Documents;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Elasticsearch;

/// <summary>Documents as they would be sent, read by System.Text.Json.</summary>
internal sealed class EncodedDocuments
{
    private EncodedDocuments(string text, int items)
    {
        Text = text;
        Items = items;
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < lines.Length; i += 2)
        {
            Actions.Add(JsonNode.Parse(lines[i])!["create"]!.AsObject());
            Sources.Add(JsonNode.Parse(lines[i + 1])!.AsObject());
        }
    }

    public string Text { get; }

    public int Items { get; }

    public List<JsonObject> Actions { get; } = [];

    public List<JsonObject> Sources { get; } = [];

    public IEnumerable<string> Ids => Actions.Select(static a => (string)a["_id"]!);

    public IEnumerable<string> Indexes => Actions.Select(static a => (string)a["_index"]!);

    public static EncodedDocuments Of(IMessage request, EncoderOptions? options = null) => Of([request], options);

    public static EncodedDocuments Of(IMessage[] requests, EncoderOptions? options = null, int bytesMax = int.MaxValue)
    {
        using var encoder = new BulkEncoder(options ?? new EncoderOptions());
        using var batch = OtlpPayloads.Batch(requests);
        using var body = new BulkBuffer(1 << 16);
        var text = new StringBuilder();
        var items = 0;
        var cursor = default(BulkCursor);
        encoder.Begin();
        bool more;
        do
        {
            body.Clear();
            more = encoder.Encode(batch, ref cursor, body, bytesMax);
            text.Append(Encoding.UTF8.GetString(body.Bytes.WrittenSpan));
            foreach (var document in body.Documents)
            {
                items += document.Items;
            }
        }
        while (more);

        return new EncodedDocuments(text.ToString(), items);
    }
}
