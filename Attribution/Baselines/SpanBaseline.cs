using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Baselines;

/// <summary>Tells rules what the latency of the span at hand usually is. One for each thread.</summary>
/// <param name="history">The quantiles.</param>
internal sealed class SpanBaseline(LatencyHistory history) : ILatencyBaseline
{
    /// <summary>The series of the span that is matched next.</summary>
    public int Series { get; set; } = -1;

    /// <inheritdoc/>
    public bool TryGetQuantileNs(OtlpView view, in SpanRecord span, Quantile quantile, out long ns)
    {
        ns = history.QuantileNs(Series, quantile);
        return ns > 0;
    }
}
