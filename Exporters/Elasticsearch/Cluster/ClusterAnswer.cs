using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Exporters.Elasticsearch.Cluster;

/// <summary>An answer to a question about the cluster.</summary>
/// <param name="Status">The HTTP status; 0 where no answer came.</param>
/// <param name="Body">The body.</param>
/// <param name="Failure">Accepted for a success, else whether asking again makes sense.</param>
internal readonly record struct ClusterAnswer(int Status, byte[] Body, ConsumeResult Failure);
