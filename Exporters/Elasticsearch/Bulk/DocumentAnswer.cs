namespace TelemetryPipeline.Exporters.Elasticsearch.Bulk;

/// <summary>What a bulk response says about one document.</summary>
/// <param name="Status">The status.</param>
/// <param name="ErrorType">The error's type; empty without one.</param>
/// <param name="Reason">The error's reason; empty without one.</param>
internal readonly record struct DocumentAnswer(int Status, string ErrorType, string Reason);
