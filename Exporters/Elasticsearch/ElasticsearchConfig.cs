using TelemetryPipeline.Exporters.Elasticsearch.Cluster;
using TelemetryPipeline.Exporters.Elasticsearch.Documents;
using TelemetryPipeline.Exporters.Outbound;
using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Pipeline.Sending;

namespace TelemetryPipeline.Exporters.Elasticsearch;

/// <summary>Settings of the <c>elasticsearch</c> exporter.</summary>
internal sealed record ElasticsearchConfig
{
    private const int BodySizeDefault = 5_000_000;
    private const int BodySizeMin = 1024;
    private const int BodySizeMost = 500_000_000;

    private static readonly TimeSpan TimeoutDefault = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan RateLimitDefault = TimeSpan.FromSeconds(1);

    /// <summary>Base addresses of the nodes, at least one.</summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>Connections, TLS, proxy, headers and credentials.</summary>
    public required HttpClientConfig Client { get; init; }

    /// <summary>Queue and retries. One attempt has no limit of its own: its requests have <see cref="Timeout"/>.</summary>
    public required SendingConfig Sending { get; init; }

    /// <summary>The time limit of a request; 0 for none.</summary>
    /// <value>Default 90 s.</value>
    public TimeSpan Timeout { get; init; } = TimeoutDefault;

    /// <summary>The requests' compression: gzip or none.</summary>
    public CompressionConfig Compression { get; init; } = CompressionConfig.Default;

    /// <summary>The shape of documents.</summary>
    public MappingMode Mode { get; init; }

    /// <summary>The shapes that a scope may ask for by <c>elastic.mapping.mode</c>.</summary>
    public IReadOnlySet<MappingMode> AllowedModes { get; init; } = new HashSet<MappingMode>();

    /// <summary>The index that takes all spans, points and log records, in the order of <see cref="StreamType"/>; null for data streams.</summary>
    public IReadOnlyList<string?> FixedIndexes { get; init; } = [null, null, null];

    /// <summary>Whether <c>elasticsearch.document_id</c> of a log record is its id.</summary>
    public bool LogsDynamicId { get; init; }

    /// <summary>Whether <c>elasticsearch.ingest_pipeline</c> of a log record is its ingest pipeline.</summary>
    public bool LogsDynamicPipeline { get; init; }

    /// <summary>The ingest pipeline of all documents; empty for the index's own.</summary>
    public string Pipeline { get; init; } = "";

    /// <summary>A request is sent when it has so many bytes before compression.</summary>
    /// <value>1 KB to 500 MB. Default 5 MB.</value>
    public int BodySize { get; init; } = BodySizeDefault;

    /// <summary>Attempts at a document after which it is given up; 0 for no limit.</summary>
    public int MaxRetries { get; init; }

    /// <summary>Statuses of whole requests that are tried again.</summary>
    public required IReadOnlySet<int> RetryOnStatus { get; init; }

    /// <summary>Statuses of documents that are tried again.</summary>
    public required IReadOnlySet<int> RetryOnDocumentStatus { get; init; }

    /// <summary>The index of documents that the server refuses for good; empty to drop them.</summary>
    public string DeadLetterIndex { get; init; } = "";

    /// <summary>Whether refused documents are logged.</summary>
    public bool LogFailedDocsInput { get; init; }

    /// <summary>Least time between two of those log lines.</summary>
    /// <value>Default 1 s.</value>
    public TimeSpan LogFailedDocsInputRateLimit { get; init; } = RateLimitDefault;

    /// <summary>What is installed in the cluster.</summary>
    public required TemplatesConfig Templates { get; init; }

    /// <summary>Reads the exporter's section.</summary>
    /// <param name="section">The section.</param>
    public static ElasticsearchConfig Read(ConfigSection section)
    {
        var retry = ElasticsearchRetry.Read(section.Section("retry"));
        var mapping = section.Section("mapping");
        var telemetry = section.Section("telemetry");
        var flush = section.Section("flush");
        var config = new ElasticsearchConfig
        {
            Endpoints = ClusterAddresses.Read(section),
            Client = ClusterCredentials.Read(section, HttpClientConfig.Read(section)),
            Sending = SendingConfig.ReadQueue(section, Defaults(retry)),
            Timeout = section.Duration("timeout", TimeoutDefault),
            Compression = CompressionConfig.Read(
                section,
                ("gzip", (PayloadEncoding.Gzip, "gzip")), ("none", (PayloadEncoding.None, "")), ("", (PayloadEncoding.None, ""))),
            Mode = mapping.Word("mode", MappingMode.Otel, Modes),
            AllowedModes = ReadAllowedModes(mapping),
            FixedIndexes =
            [
                IndexName.Read(section, "traces_index"), IndexName.Read(section, "metrics_index"),
                IndexName.Read(section, "logs_index"),
            ],
            LogsDynamicId = ReadSwitch(section, "logs_dynamic_id"),
            LogsDynamicPipeline = ReadSwitch(section, "logs_dynamic_pipeline"),
            Pipeline = section.Text("pipeline") ?? "",
            BodySize = flush.Int32("bytes", BodySizeDefault, BodySizeMin, BodySizeMost),
            MaxRetries = retry.MaxRetries,
            RetryOnStatus = retry.OnStatus,
            RetryOnDocumentStatus = retry.OnDocumentStatus,
            DeadLetterIndex = IndexName.Read(section, "dead_letter_index") ?? "",
            LogFailedDocsInput = telemetry.Bool("log_failed_docs_input", false),
            LogFailedDocsInputRateLimit = telemetry.Duration("log_failed_docs_input_rate_limit", RateLimitDefault),
            Templates = TemplatesConfig.Read(section.Section("templates")),
        };
        RefuseUnsupported(section, mapping, telemetry, flush);
        mapping.Finish();
        telemetry.Finish();
        flush.Finish();
        section.Finish();
        return config;
    }

    private static ReadOnlySpan<(string Word, MappingMode Value)> Modes =>
        new[] { ("otel", MappingMode.Otel), ("ecs", MappingMode.Ecs) };

    private static SendingDefaults Defaults(ElasticsearchRetry retry) => new()
    {
        Timeout = TimeSpan.Zero,
        Queue = new QueueConfig
        {
            NumConsumers = 10,
            QueueSize = 50_000_000,
            Sizer = QueueSizer.Bytes,
            BlockOnOverflow = true,
            Batch = Batch,
        },
        Batch = Batch,
        Retry = new RetryConfig
        {
            Enabled = retry.Enabled,
            InitialInterval = retry.InitialInterval,
            MaxInterval = retry.MaxInterval,
            Multiplier = 2,
            MaxElapsedTime = TimeSpan.Zero,
        },
    };

    private static QueueBatchConfig Batch { get; } = new()
    {
        FlushTimeout = TimeSpan.FromSeconds(1),
        MinSize = 1_000_000,
        MaxSize = 5_000_000,
        Sizer = QueueSizer.Bytes,
    };

    private static HashSet<MappingMode> ReadAllowedModes(ConfigSection mapping)
    {
        var modes = new HashSet<MappingMode>();
        foreach (var text in mapping.Texts("allowed_modes", "otel", "ecs"))
        {
            if (text is "otel" or "ecs")
            {
                modes.Add(text == "otel" ? MappingMode.Otel : MappingMode.Ecs);
            }
            else
            {
                mapping.Error("allowed_modes", $"must hold otel and ecs only, got \"{text}\"");
            }
        }

        return modes;
    }

    private static bool ReadSwitch(ConfigSection parent, string key)
    {
        var section = parent.Section(key);
        var enabled = section.Bool("enabled", false);
        section.Finish();
        return enabled;
    }

    private static void RefuseUnsupported(
        ConfigSection section, ConfigSection mapping, ConfigSection telemetry, ConfigSection flush)
    {
        section.Unsupported("list the nodes in endpoints", "discover");
        section.Unsupported(
            "the attribute elasticsearch.index names an index, without a setting",
            "traces_dynamic_index", "metrics_dynamic_index", "logs_dynamic_index");
        section.Unsupported("it was removed from the Collector; use logs_index and traces_index", "index");
        section.Unsupported("the number of requests under way is sending_queue::num_consumers", "num_workers");
        section.Unsupported("batching is sending_queue::batch", "batcher");
        section.Unsupported("use sending_queue::batch::partition::metadata_keys", "metadata_keys");
        section.Unsupported("dates belong to the data stream's lifecycle", "logstash_format");
        section.Unsupported("the reason is in the log and in the dead letter", "include_source_on_error");
        section.Unsupported("the retries are in retry", "retry_on_failure");
        mapping.Unsupported("duplicate keys are always removed", "dedup");
        mapping.Unsupported("names with dots are always written as they are", "dedot");
        mapping.Unsupported("it has no meaning in the modes otel and ecs", "fields", "file");
        telemetry.Unsupported("refused documents are log_failed_docs_input", "log_request_body", "log_response_body");
        flush.Unsupported("it is sending_queue::batch::flush_timeout", "interval");
    }
}
