using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Heatmap;

/// <summary>Span kinds as dimension values, as the <c>spanmetrics</c> connector writes them.</summary>
internal static class SpanKindTexts
{
    public static ReadOnlySpan<byte> Of(SpanKind kind) => kind switch
    {
        SpanKind.Internal => "SPAN_KIND_INTERNAL"u8,
        SpanKind.Server => "SPAN_KIND_SERVER"u8,
        SpanKind.Client => "SPAN_KIND_CLIENT"u8,
        SpanKind.Producer => "SPAN_KIND_PRODUCER"u8,
        SpanKind.Consumer => "SPAN_KIND_CONSUMER"u8,
        _ => "SPAN_KIND_UNSPECIFIED"u8,
    };
}
