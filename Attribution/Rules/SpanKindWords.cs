using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Rules;

/// <summary>The words of span kinds, without OTLP's prefix.</summary>
internal static class SpanKindWords
{
    /// <summary>The word in UTF-8.</summary>
    /// <param name="kind">The kind.</param>
    public static ReadOnlySpan<byte> Utf8(SpanKind kind) => kind switch
    {
        SpanKind.Internal => "INTERNAL"u8,
        SpanKind.Server => "SERVER"u8,
        SpanKind.Client => "CLIENT"u8,
        SpanKind.Producer => "PRODUCER"u8,
        SpanKind.Consumer => "CONSUMER"u8,
        _ => "UNSPECIFIED"u8,
    };
}
