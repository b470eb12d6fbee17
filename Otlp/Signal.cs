namespace TelemetryPipeline.Otlp;

/// <summary>The kind of telemetry an OTLP request carries.</summary>
public enum Signal : byte
{
    /// <summary>Spans: <c>ExportTraceServiceRequest</c>.</summary>
    Traces,

    /// <summary>Metric data points: <c>ExportMetricsServiceRequest</c>.</summary>
    Metrics,

    /// <summary>Log records: <c>ExportLogsServiceRequest</c>.</summary>
    Logs,
}

/// <summary>The words a signal goes by in configurations, metric names and URLs.</summary>
public static class SignalNames
{
    /// <summary>How many signals there are; a signal's value is an index below it.</summary>
    public const int Count = 3;

    /// <summary>Every signal, in the order of its value.</summary>
    public static ReadOnlySpan<Signal> All => [Signal.Traces, Signal.Metrics, Signal.Logs];

    /// <summary>The pipeline's name: <c>traces</c>, <c>metrics</c> or <c>logs</c>.</summary>
    public static string PipelineName(this Signal signal) => signal switch
    {
        Signal.Traces => "traces",
        Signal.Metrics => "metrics",
        _ => "logs",
    };

    /// <summary>What is counted, as in the Collector's own metrics: <c>spans</c>, <c>metric_points</c> or <c>log_records</c>.</summary>
    public static string ItemName(this Signal signal) => signal switch
    {
        Signal.Traces => "spans",
        Signal.Metrics => "metric_points",
        _ => "log_records",
    };
}
