namespace TelemetryPipeline.Otlp;

/// <summary>The kind of points a metric has.</summary>
public enum MetricType : byte
{
    /// <summary>No data.</summary>
    None,

    /// <summary>The latest value.</summary>
    Gauge,

    /// <summary>A total.</summary>
    Sum,

    /// <summary>Counts in buckets with explicit bounds.</summary>
    Histogram,

    /// <summary>Counts in buckets of exponential width.</summary>
    ExponentialHistogram,

    /// <summary>Quantiles computed by the sender.</summary>
    Summary,
}
