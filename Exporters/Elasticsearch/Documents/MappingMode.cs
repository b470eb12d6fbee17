namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>The shape of documents (<c>mapping::mode</c>).</summary>
internal enum MappingMode : byte
{
    /// <summary>OpenTelemetry's own fields.</summary>
    Otel,

    /// <summary>The Elastic Common Schema.</summary>
    Ecs,
}
