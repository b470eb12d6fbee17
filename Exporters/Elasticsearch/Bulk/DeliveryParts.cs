namespace TelemetryPipeline.Exporters.Elasticsearch.Bulk;

/// <summary>What every delivery of an exporter works with; all of it is thread-safe.</summary>
internal sealed record DeliveryParts
{
    /// <summary>Sends bodies.</summary>
    public required BulkTransport Transport { get; init; }

    /// <summary>What answers mean.</summary>
    public required DocumentOutcomes Outcomes { get; init; }

    /// <summary>Counts.</summary>
    public required BulkMetrics Metrics { get; init; }

    /// <summary>Logs.</summary>
    public required BulkEvents Events { get; init; }

    /// <summary>Writes dead letters; null where none are kept.</summary>
    public DeadLetterWriter? DeadLetters { get; init; }

    /// <summary>A body is sent when it has so many bytes.</summary>
    public required int BodySizeMax { get; init; }
}
