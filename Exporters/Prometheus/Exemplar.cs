using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Exporters.Prometheus;

/// <summary>An example of the values in a bucket.</summary>
internal readonly record struct Exemplar(ulong TraceIdHigh, ulong TraceIdLow, ulong SpanId, double Value, ulong TimeNs)
{
    /// <summary>Whether there is one: exemplars without a trace are of no use here.</summary>
    public bool IsPresent => (TraceIdHigh | TraceIdLow) != 0;

    /// <summary>Keeps an exemplar of a point.</summary>
    public static Exemplar Of(MetricExemplar exemplar) =>
        new(exemplar.TraceIdHigh, exemplar.TraceIdLow, exemplar.SpanId, exemplar.Value, exemplar.TimeNs);
}
