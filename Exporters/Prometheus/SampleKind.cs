namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>What Prometheus takes a metric for.</summary>
internal enum SampleKind : byte
{
    /// <summary>Goes up and down.</summary>
    Gauge,

    /// <summary>Only grows.</summary>
    Counter,

    /// <summary>Counts in buckets.</summary>
    Histogram,

    /// <summary>Quantiles.</summary>
    Summary,
}
