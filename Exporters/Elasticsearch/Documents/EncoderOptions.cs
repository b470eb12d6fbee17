using TelemetryPipeline.Exporters.Elasticsearch.Cluster;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>How documents are made.</summary>
internal sealed record EncoderOptions
{
    /// <summary>The shape of documents whose scope does not ask for one.</summary>
    public MappingMode Mode { get; init; }

    /// <summary>The shapes that a scope may ask for.</summary>
    public IReadOnlySet<MappingMode> AllowedModes { get; init; } = new HashSet<MappingMode> { MappingMode.Otel, MappingMode.Ecs };

    /// <summary>The index that takes all of a type, by <see cref="StreamType"/>; null for data streams.</summary>
    public IReadOnlyList<string?> FixedIndexes { get; init; } = [null, null, null];

    /// <summary>Whether <c>elasticsearch.document_id</c> of a log record is its id.</summary>
    public bool LogsDynamicId { get; init; }

    /// <summary>Whether <c>elasticsearch.ingest_pipeline</c> of a log record is its ingest pipeline.</summary>
    public bool LogsDynamicPipeline { get; init; }

    /// <summary>The clock, for log records without any time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What the server can do.</summary>
    public ServerFeatures Features { get; init; } = new();
}
