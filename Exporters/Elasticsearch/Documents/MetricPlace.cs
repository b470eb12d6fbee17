using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.Elasticsearch.Documents;

/// <summary>Where in a chunk a data point and its metric lie.</summary>
internal struct MetricPlace
{
    /// <summary>Offset of the metric.</summary>
    public int MetricAt;

    /// <summary>Length of the metric.</summary>
    public int MetricLength;

    /// <summary>Offset of the point.</summary>
    public int PointAt;

    /// <summary>Length of the point.</summary>
    public int PointLength;

    /// <summary>Start of what the point covers in nanoseconds; 0 where it is not said.</summary>
    public ulong StartNs;

    /// <summary>The point's time in nanoseconds.</summary>
    public ulong TimeNs;

    /// <summary>The metric's number among those of the window.</summary>
    public int Metric;

    /// <summary>The metric's type.</summary>
    public MetricType Type;
}
