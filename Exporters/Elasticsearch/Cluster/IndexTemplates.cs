using System.Buffers;
using System.Globalization;
using System.Text.Json;
using TelemetryPipeline.Exporters.Elasticsearch.Documents;

namespace TelemetryPipeline.Exporters.Elasticsearch.Cluster;

/// <summary>Writes what is installed in a cluster, in the words of its version.</summary>
/// <param name="config">The settings.</param>
/// <param name="version">The cluster.</param>
internal sealed partial class IndexTemplates(ElasticsearchConfig config, ServerVersion version)
{
    private const int FieldsMax = 5000;
    private const int KeywordLengthMax = 8191;
    private const string DateFormat = "strict_date_optional_time||epoch_millis";

    /// <summary>The first part of a data stream's name.</summary>
    /// <param name="type">The type.</param>
    public static string NameOf(StreamType type) => type switch
    {
        StreamType.Traces => "traces",
        StreamType.Metrics => "metrics",
        _ => "logs",
    };

    /// <summary>An ingest pipeline that notes when the cluster took a document.</summary>
    public static byte[] IngestPipeline() => Write(static json =>
    {
        json.WriteString("description", "Notes when a document was taken.");
        json.WriteStartArray("processors");
        json.WriteStartObject();
        json.WriteStartObject("set");
        json.WriteString("field", "event.ingested");
        json.WriteString("value", "{{{_ingest.timestamp}}}");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    });

    /// <summary>The lifecycle: a new index every day, deletion at the end of the retention.</summary>
    public byte[] Lifecycle() => Write(json =>
    {
        json.WriteStartObject("policy");
        if (version.IsOpenSearch)
        {
            WriteStateManagement(json);
        }
        else
        {
            WriteIndexLifecycle(json);
        }

        json.WriteEndObject();
    });

    /// <summary>The template of a type's data streams, or of its fixed index.</summary>
    /// <param name="type">The type.</param>
    /// <param name="hasLifecycle">Whether the lifecycle policy is there to be named.</param>
    public byte[] Template(StreamType type, bool hasLifecycle) => Write(json =>
    {
        var fixedIndex = config.FixedIndexes[(int)type];
        WriteHead(json, PatternOf(type), config.Templates.Priority);
        if (string.IsNullOrEmpty(fixedIndex))
        {
            json.WriteStartObject("data_stream");
            json.WriteEndObject();
        }

        json.WriteStartObject("template");
        WriteSettings(json, hasLifecycle && !version.IsOpenSearch && string.IsNullOrEmpty(fixedIndex));
        json.WriteStartObject("mappings");
        json.WriteBoolean("date_detection", false);
        WriteDynamicTemplates(json, type);
        json.WriteStartObject("properties");
        if (config.Mode == MappingMode.Otel)
        {
            WriteOtelFields(json, type);
        }
        else
        {
            WriteEcsFields(json);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>The template of the dead-letter index: the document is kept, not looked into.</summary>
    public byte[] DeadLetters() => Write(json =>
    {
        WriteHead(json, config.DeadLetterIndex, config.Templates.Priority);
        json.WriteStartObject("template");
        WriteSettings(json, hasLifecycle: false);
        json.WriteStartObject("mappings");
        json.WriteBoolean("dynamic", value: false);
        json.WriteStartObject("properties");
        WriteField(json, "@timestamp", "date");
        json.WriteStartObject("dead_letter");
        json.WriteStartObject("properties");
        WriteField(json, "exporter", "keyword");
        WriteField(json, "status", "integer");
        WriteField(json, "type", "keyword");
        WriteField(json, "reason", "text");
        WriteUnindexed(json, "action");
        json.WriteEndObject();
        json.WriteEndObject();
        WriteUnindexed(json, "document");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static byte[] Write(Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        content(json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteHead(Utf8JsonWriter json, string pattern, int priority)
    {
        json.WriteStartArray("index_patterns");
        json.WriteStringValue(pattern);
        json.WriteEndArray();
        json.WriteNumber("priority", priority);
        json.WriteStartObject("_meta");
        json.WriteString("managed_by", TemplateInstaller.Name);
        json.WriteEndObject();
    }

    private static void WriteField(Utf8JsonWriter json, string name, string type)
    {
        json.WriteStartObject(name);
        json.WriteString("type", type);
        if (type == "keyword")
        {
            json.WriteNumber("ignore_above", KeywordLengthMax);
        }

        json.WriteEndObject();
    }

    private static void WriteUnindexed(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject(name);
        json.WriteString("type", "text");
        json.WriteBoolean("index", value: false);
        json.WriteEndObject();
    }

    private static void WriteTime(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject(name);
        json.WriteString("type", "date_nanos");
        json.WriteString("format", DateFormat);
        json.WriteEndObject();
    }

    // Elasticsearch has day as its largest unit, and so has OpenSearch; hours are exact for both.
    private static string Age(TimeSpan age) => age.Ticks % TimeSpan.TicksPerDay == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{(long)age.TotalDays}d")
        : string.Create(CultureInfo.InvariantCulture, $"{(long)age.TotalHours}h");

    private string PatternOf(StreamType type)
    {
        var fixedIndex = config.FixedIndexes[(int)type];
        return !string.IsNullOrEmpty(fixedIndex) ? fixedIndex
            : config.Mode == MappingMode.Otel ? $"{NameOf(type)}-*.otel-*" : $"{NameOf(type)}-*-*";
    }

    private void WriteIndexLifecycle(Utf8JsonWriter json)
    {
        json.WriteStartObject("phases");
        json.WriteStartObject("hot");
        json.WriteStartObject("actions");
        json.WriteStartObject("rollover");
        json.WriteString("max_age", Age(config.Templates.RolloverAge));
        json.WriteString("max_primary_shard_size", "50gb");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("delete");
        json.WriteString("min_age", Age(config.Templates.Retention));
        json.WriteStartObject("actions");
        json.WriteStartObject("delete");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteStateManagement(Utf8JsonWriter json)
    {
        json.WriteString("description", "Data streams of telemetry");
        json.WriteString("default_state", "written");
        json.WriteStartArray("states");
        json.WriteStartObject();
        json.WriteString("name", "written");
        json.WriteStartArray("actions");
        json.WriteStartObject();
        json.WriteStartObject("rollover");
        json.WriteString("min_index_age", Age(config.Templates.RolloverAge));
        json.WriteString("min_size", "50gb");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartArray("transitions");
        json.WriteStartObject();
        json.WriteString("state_name", "deleted");
        json.WriteStartObject("conditions");
        json.WriteString("min_index_age", Age(config.Templates.Retention));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartObject();
        json.WriteString("name", "deleted");
        json.WriteStartArray("actions");
        json.WriteStartObject();
        json.WriteStartObject("delete");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartArray("transitions");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartArray("ism_template");
        json.WriteStartObject();
        json.WriteStartArray("index_patterns");
        foreach (var type in (ReadOnlySpan<StreamType>)[StreamType.Traces, StreamType.Metrics, StreamType.Logs])
        {
            if (string.IsNullOrEmpty(config.FixedIndexes[(int)type]))
            {
                json.WriteStringValue(PatternOf(type));
                json.WriteStringValue($".ds-{PatternOf(type)}");
            }
        }

        json.WriteEndArray();
        json.WriteNumber("priority", config.Templates.Priority);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private void WriteSettings(Utf8JsonWriter json, bool hasLifecycle)
    {
        json.WriteStartObject("settings");
        json.WriteStartObject("index");
        json.WriteNumber("number_of_shards", config.Templates.Shards);
        if (config.Templates.Replicas is { } replicas)
        {
            json.WriteNumber("number_of_replicas", replicas);
        }

        json.WriteString("codec", "best_compression");
        json.WriteBoolean("mapping.ignore_malformed", value: true);
        json.WriteNumber("mapping.total_fields.limit", FieldsMax);
        if (hasLifecycle)
        {
            json.WriteString("lifecycle.name", TemplateInstaller.Name);
        }

        if (config.Templates.IngestTimestamp)
        {
            json.WriteString("default_pipeline", TemplateInstaller.Name);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteDynamicTemplates(Utf8JsonWriter json, StreamType type)
    {
        json.WriteStartArray("dynamic_templates");
        if (type == StreamType.Metrics && config.Mode == MappingMode.Otel && version.IsElasticsearch(7, 14))
        {
            WriteMetricTemplate(json, "histogram", "histogram");
            WriteMetricTemplate(json, "counter_long", "double");
            WriteMetricTemplate(json, "counter_double", "double");
            WriteMetricTemplate(json, "gauge_long", "double");
            WriteMetricTemplate(json, "gauge_double", "double");
            WriteMetricTemplate(json, "summary", "aggregate_metric_double");
        }

        // A metric may come as an integer first and with fractions later, which a field of integers would cut off. Without
        // a type of their own fractions get the 32 bits of a float.
        if (type == StreamType.Metrics)
        {
            WriteTypeTemplate(json, "metrics", "long", "double", config.Mode == MappingMode.Otel ? "metrics.*" : null);
        }

        WriteTypeTemplate(json, "fractions", "double", "double");
        WriteTypeTemplate(json, "texts", "string", "keyword");
        json.WriteEndArray();
    }

    private static void WriteTypeTemplate(Utf8JsonWriter json, string name, string found, string type, string? path = null)
    {
        json.WriteStartObject();
        json.WriteStartObject(name);
        json.WriteString("match_mapping_type", found);
        if (path is not null)
        {
            json.WriteString("path_match", path);
        }

        WriteField(json, "mapping", type);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // Named by the bulk action; matches nothing on its own.
    private static void WriteMetricTemplate(Utf8JsonWriter json, string name, string type)
    {
        json.WriteStartObject();
        json.WriteStartObject(name);
        json.WriteStartObject("mapping");
        json.WriteString("type", type);
        if (type == "aggregate_metric_double")
        {
            json.WriteStartArray("metrics");
            json.WriteStringValue("sum");
            json.WriteStringValue("value_count");
            json.WriteEndArray();
            json.WriteString("default_metric", "value_count");
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
