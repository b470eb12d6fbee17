namespace TelemetryPipeline.Exporters.Elasticsearch.Bulk;

/// <summary>
/// The table of what a server's answer about one document, or about a whole request, means. The only place that knows.
/// </summary>
/// <param name="retryOnStatus">Statuses of whole requests that are sent again.</param>
/// <param name="retryOnDocumentStatus">Statuses of documents that are sent again.</param>
internal sealed class DocumentOutcomes(IReadOnlySet<int> retryOnStatus, IReadOnlySet<int> retryOnDocumentStatus)
{
    // Whatever the status: the cluster says that it is its own state, not the document.
    private static readonly HashSet<string> TemporaryErrors = new(StringComparer.Ordinal)
    {
        "es_rejected_execution_exception", "rejected_execution_exception", "circuit_breaking_exception",
        "unavailable_shards_exception", "process_cluster_event_timeout_exception", "timeout_exception", "node_closed_exception",
        "node_not_connected_exception", "no_shard_available_action_exception", "index_closed_exception",

        // A write block, set by an operator or by a full disk; it comes with 403 or 429 and is lifted again.
        "cluster_block_exception",
    };

    /// <summary>What an answer about one document means.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="errorType">The type of its error; empty without one.</param>
    public DocumentOutcome Of(int status, string errorType)
    {
        if (status is >= 200 and < 300)
        {
            return DocumentOutcome.Stored;
        }

        if (retryOnDocumentStatus.Contains(status) || TemporaryErrors.Contains(errorType))
        {
            return DocumentOutcome.Retry;
        }

        return status switch
        {
            409 => DocumentOutcome.Duplicate,
            401 or 403 => DocumentOutcome.Refused,
            _ => DocumentOutcome.DeadLetter,
        };
    }

    /// <summary>Whether a whole request is sent again after its status.</summary>
    /// <param name="status">The HTTP status, not a success.</param>
    /// <param name="errorType">The type of the error in its body; empty without one.</param>
    public bool IsRequestRetryable(int status, string errorType) =>
        retryOnStatus.Contains(status) || TemporaryErrors.Contains(errorType);

    /// <summary>An outcome as a metric label, the Collector's where it has one.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <param name="status">The status it came with.</param>
    public static string Label(DocumentOutcome outcome, int status) => outcome switch
    {
        DocumentOutcome.Stored => "success",
        DocumentOutcome.Duplicate => "duplicate",
        DocumentOutcome.Retry when status == 429 => "too_many",
        _ => status >= 500 ? "failed_server" : "failed_client",
    };
}
