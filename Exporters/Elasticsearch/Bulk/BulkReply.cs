using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters.Elasticsearch.Bulk;

/// <summary>What became of a bulk request: an answer for each document, or one outcome for all.</summary>
/// <param name="Answers">The answers in the order of the documents; null where the request failed as a whole.</param>
/// <param name="Failure">The outcome of a request that failed as a whole.</param>
/// <param name="IsTooLarge">Whether it failed because the server takes no request of that size.</param>
internal readonly record struct BulkReply(List<DocumentAnswer>? Answers, ConsumeResult Failure, bool IsTooLarge = false);
