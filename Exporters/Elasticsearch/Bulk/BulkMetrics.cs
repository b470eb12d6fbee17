using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Exporters.Elasticsearch.Bulk;

/// <summary>The exporter's own counters, under the Collector's names where it has them.</summary>
internal sealed class BulkMetrics
{
    private static readonly double[] LatencyBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly MetricRegistry _registry;
    private readonly string _exporter;
    private readonly Histogram _latency;
    private readonly Dictionary<string, Counter> _processed = new(StringComparer.Ordinal);

    /// <summary>The counters of an exporter.</summary>
    /// <param name="registry">The process's metrics.</param>
    /// <param name="exporter">The exporter.</param>
    public BulkMetrics(MetricRegistry registry, ComponentId exporter)
    {
        _registry = registry;
        _exporter = exporter.ToString();
        foreach (var outcome in (ReadOnlySpan<string>)["success", "duplicate", "too_many", "failed_server", "failed_client"])
        {
            _processed[outcome] = registry.Counter(
                "otelcol_elasticsearch_docs_processed", "Documents by what the server said about them.",
                ("exporter", _exporter), ("outcome", outcome));
        }

        Received = Counter("docs_received", "Documents made from telemetry, once for each attempt at their batch.");
        Retried = Counter("docs_retried", "Documents that were sent again.");
        DeadLetters = Counter("docs_dead_lettered", "Documents that went to the dead-letter index.");
        FlushedBytes = Counter("flushed_bytes", "Bytes of bulk requests as sent.");
        FlushedUncompressedBytes = Counter("flushed_uncompressed_bytes", "Bytes of bulk requests before compression.");
        _latency = registry.Histogram(
            "otelcol_elasticsearch_bulk_requests_latency", "Time of a bulk request in seconds.", LatencyBounds, ("exporter", _exporter));
    }

    /// <summary>Documents made.</summary>
    public Counter Received { get; }

    /// <summary>Documents sent again.</summary>
    public Counter Retried { get; }

    /// <summary>Documents in the dead-letter index.</summary>
    public Counter DeadLetters { get; }

    /// <summary>Bytes as sent.</summary>
    public Counter FlushedBytes { get; }

    /// <summary>Bytes before compression.</summary>
    public Counter FlushedUncompressedBytes { get; }

    /// <summary>Counts answers about documents.</summary>
    /// <param name="outcome">One of the labels of <see cref="DocumentOutcomes.Label"/>.</param>
    /// <param name="count">How many.</param>
    public void Processed(string outcome, long count) => _processed[outcome].Add(count);

    /// <summary>Counts a request.</summary>
    /// <param name="reply">What became of it.</param>
    /// <param name="bytes">Its bytes as sent.</param>
    /// <param name="took">How long it took.</param>
    public void Request(in BulkReply reply, long bytes, TimeSpan took)
    {
        _latency.Record(took.TotalSeconds);
        FlushedBytes.Add(bytes);
        _registry.Counter(
            "otelcol_elasticsearch_bulk_requests_count", "Bulk requests by their outcome.",
            ("exporter", _exporter), ("outcome", reply.Answers is not null ? "success" : reply.Failure.Reason)).Add(1);
    }

    private Counter Counter(string name, string help) =>
        _registry.Counter($"otelcol_elasticsearch_{name}", help, ("exporter", _exporter));
}
