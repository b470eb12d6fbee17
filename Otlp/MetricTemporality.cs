namespace TelemetryPipeline.Otlp;

/// <summary>What the points of a sum or histogram count from, with OTLP's values.</summary>
public enum MetricTemporality : byte
{
    /// <summary>Not said; also for gauges and summaries.</summary>
    Unspecified,

    /// <summary>What happened since the point before.</summary>
    Delta,

    /// <summary>What happened since a fixed start.</summary>
    Cumulative,
}
