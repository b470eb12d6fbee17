using TelemetryPipeline.Attribution.Traces;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Evaluation;

/// <summary>A span that rules hit, while its chunk is at hand.</summary>
/// <param name="view">Its chunk.</param>
/// <param name="record">The span.</param>
/// <param name="facts">What is stored of it.</param>
internal readonly ref struct SpanHit(OtlpView view, ref readonly SpanRecord record, ref readonly SpanFacts facts)
{
    /// <summary>The span.</summary>
    public readonly ref readonly SpanRecord Record = ref record;

    /// <summary>What is stored of it.</summary>
    public readonly ref readonly SpanFacts Facts = ref facts;

    /// <summary>Its chunk.</summary>
    public OtlpView View { get; } = view;
}
