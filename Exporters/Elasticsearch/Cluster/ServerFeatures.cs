namespace TelemetryPipeline.Exporters.Elasticsearch.Cluster;

/// <summary>What documents depend on in a server.</summary>
internal sealed record ServerFeatures
{
    /// <summary>
    /// Whether a bulk action may name a dynamic template for each metric, and a field be a <c>histogram</c>: Elasticsearch
    /// with templates that have them.
    /// </summary>
    public bool HasMetricTemplates { get; init; }

    /// <summary>
    /// Whether metrics go to time series data streams, which make ids from dimensions and time and refuse any other.
    /// </summary>
    public bool HasTimeSeries { get; init; }

    /// <summary>Whether fields of metrics have their dots in their names, so that <c>a</c> and <c>a.b</c> are two fields.</summary>
    public bool HasFlatMetricNames { get; init; }
}
