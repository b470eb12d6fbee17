using TelemetryPipeline.Exporters.Elasticsearch.Bulk;

namespace TelemetryPipeline.Tests.Exporters.Elasticsearch.Bulk;

/// <summary>The table of docs/elasticsearch.md, row by row.</summary>
public sealed class DocumentOutcomesTests
{
    private static readonly HashSet<int> Defaults = [429, 500, 502, 503, 504];

    [Theory]
    [InlineData(200, "", "Stored", "success")]
    [InlineData(201, "", "Stored", "success")]
    [InlineData(409, "version_conflict_engine_exception", "Duplicate", "duplicate")]
    [InlineData(429, "es_rejected_execution_exception", "Retry", "too_many")]
    [InlineData(429, "rejected_execution_exception", "Retry", "too_many")]
    [InlineData(429, "cluster_block_exception", "Retry", "too_many")]
    [InlineData(403, "cluster_block_exception", "Retry", "failed_client")]
    [InlineData(500, "exception", "Retry", "failed_server")]
    [InlineData(503, "unavailable_shards_exception", "Retry", "failed_server")]
    [InlineData(400, "mapper_parsing_exception", "DeadLetter", "failed_client")]
    [InlineData(400, "document_parsing_exception", "DeadLetter", "failed_client")]
    [InlineData(400, "illegal_argument_exception", "DeadLetter", "failed_client")]
    [InlineData(400, "strict_dynamic_mapping_exception", "DeadLetter", "failed_client")]
    [InlineData(404, "index_not_found_exception", "DeadLetter", "failed_client")]
    [InlineData(413, "too_large", "DeadLetter", "failed_client")]
    [InlineData(501, "unsupported", "DeadLetter", "failed_server")]
    [InlineData(401, "security_exception", "Refused", "failed_client")]
    [InlineData(403, "security_exception", "Refused", "failed_client")]
    [InlineData(0, "", "DeadLetter", "failed_client")]
    public void Of_Answer_IsOneOutcomeAndOneLabel(int status, string errorType, string outcome, string label)
    {
        var actual = new DocumentOutcomes(Defaults, Defaults).Of(status, errorType);
        Assert.Equal(outcome, actual.ToString());
        Assert.Equal(label, DocumentOutcomes.Label(actual, status));
    }

    [Theory]
    [InlineData(429, "", true)]
    [InlineData(502, "", true)]
    [InlineData(503, "", true)]
    [InlineData(504, "", true)]
    [InlineData(500, "", true)]
    [InlineData(403, "cluster_block_exception", true)]
    [InlineData(400, "illegal_argument_exception", false)]
    [InlineData(401, "security_exception", false)]
    [InlineData(403, "security_exception", false)]
    [InlineData(404, "", false)]
    [InlineData(413, "", false)]
    public void IsRequestRetryable_Status_IsTheTables(int status, string errorType, bool expected) =>
        Assert.Equal(expected, new DocumentOutcomes(Defaults, Defaults).IsRequestRetryable(status, errorType));

    [Fact]
    public void Of_ConfiguredStatus_IsRetried() =>
        Assert.Equal(DocumentOutcome.Retry, new DocumentOutcomes(Defaults, new HashSet<int> { 404 }).Of(404, "index_not_found_exception"));
}
