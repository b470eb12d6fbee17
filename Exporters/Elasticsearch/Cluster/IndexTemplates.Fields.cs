using System.Text.Json;
using TelemetryPipeline.Exporters.Elasticsearch.Documents;

namespace TelemetryPipeline.Exporters.Elasticsearch.Cluster;

/// <content>The fields of documents.</content>
internal sealed partial class IndexTemplates
{
    private void WriteOtelFields(Utf8JsonWriter json, StreamType type)
    {
        WriteTime(json, "@timestamp");
        WriteDataStream(json);
        WriteOpen(json, "attributes");
        WriteHolder(json, "resource");
        WriteHolder(json, "scope");
        if (type == StreamType.Metrics)
        {
            WriteTime(json, "start_timestamp");
            WriteField(json, "unit", "keyword");
            WriteOpen(json, "metrics");
            return;
        }

        WriteField(json, "trace_id", "keyword");
        WriteField(json, "span_id", "keyword");
        if (type == StreamType.Traces)
        {
            WriteField(json, "parent_span_id", "keyword");
            WriteField(json, "trace_state", "keyword");
            WriteField(json, "name", "keyword");
            WriteField(json, "kind", "keyword");
            WriteField(json, "duration", "long");
            WriteLinks(json);
            return;
        }

        WriteTime(json, "observed_timestamp");
        WriteField(json, "severity_text", "keyword");
        WriteField(json, "severity_number", "byte");
        WriteField(json, "event_name", "keyword");
        json.WriteStartObject("body");
        json.WriteStartObject("properties");
        WriteField(json, "text", "text");
        WriteStructuredBody(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // Elasticsearch indexes any structure as one field; OpenSearch of that age keeps it without an index.
    private void WriteStructuredBody(Utf8JsonWriter json)
    {
        json.WriteStartObject("structured");
        if (version.IsOpenSearch)
        {
            json.WriteString("type", "object");
            json.WriteBoolean("enabled", value: false);
        }
        else
        {
            json.WriteString("type", "flattened");
        }

        json.WriteEndObject();
    }

    private void WriteEcsFields(Utf8JsonWriter json)
    {
        json.WriteStartObject("@timestamp");
        json.WriteString("type", "date_nanos");
        json.WriteEndObject();
        WriteDataStream(json);
        WriteField(json, "message", "text");
    }

    private void WriteDataStream(Utf8JsonWriter json)
    {
        json.WriteStartObject("data_stream");
        json.WriteStartObject("properties");
        foreach (var name in (ReadOnlySpan<string>)["type", "dataset", "namespace"])
        {
            json.WriteStartObject(name);
            json.WriteString("type", version.IsOpenSearch ? "keyword" : "constant_keyword");
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteHolder(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject(name);
        json.WriteStartObject("properties");
        WriteOpen(json, "attributes");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // Keys with dots: names as they are where the cluster can, so that a and a.b do not exclude each other.
    private void WriteOpen(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject(name);
        json.WriteString("type", "object");
        json.WriteBoolean("dynamic", value: true);
        if (version.IsElasticsearch(8, 3))
        {
            json.WriteBoolean("subobjects", value: false);
        }

        json.WriteEndObject();
    }

    private void WriteLinks(Utf8JsonWriter json)
    {
        json.WriteStartObject("links");
        json.WriteStartObject("properties");
        WriteField(json, "trace_id", "keyword");
        WriteField(json, "span_id", "keyword");
        WriteOpen(json, "attributes");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("status");
        json.WriteStartObject("properties");
        WriteField(json, "code", "keyword");
        WriteField(json, "message", "keyword");
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
