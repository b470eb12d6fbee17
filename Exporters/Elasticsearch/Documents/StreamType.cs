namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>The first part of a data stream's name.</summary>
internal enum StreamType : byte
{
    /// <summary>Spans.</summary>
    Traces,

    /// <summary>Data points.</summary>
    Metrics,

    /// <summary>Log records, span events and attributions.</summary>
    Logs,
}
