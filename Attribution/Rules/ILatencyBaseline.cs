using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Rules;

/// <summary>What a span's latency usually is: the heat map's quantiles of its series.</summary>
internal interface ILatencyBaseline
{
    /// <summary>A quantile of the latencies of spans like this one. Must not allocate.</summary>
    /// <param name="view">The span's chunk.</param>
    /// <param name="span">The span.</param>
    /// <param name="quantile">Which.</param>
    /// <param name="ns">Nanoseconds.</param>
    /// <returns>False when too little is known; a comparison with it is then false.</returns>
    bool TryGetQuantileNs(OtlpView view, in SpanRecord span, Quantile quantile, out long ns);
}
