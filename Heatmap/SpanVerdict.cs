using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Heatmap;

/// <summary>
/// Whether a span failed: its OTLP status is ERROR, or <c>status</c> is <c>FAILED</c>, <c>timeout</c> or <c>reject</c>,
/// or <c>code</c> begins with <c>ERR_</c>; or enrichment has said so in <c>biz.outcome</c>.
/// </summary>
internal static class SpanVerdict
{
    /// <summary>Lengths of the keys that are looked at, a bit each.</summary>
    public static ulong KeyLengths => SeriesKeyReader.LengthBit("status"u8.Length)
        | SeriesKeyReader.LengthBit("code"u8.Length) | SeriesKeyReader.LengthBit("biz.outcome"u8.Length);

    /// <summary>Whether an attribute says that its span failed.</summary>
    public static bool Fails(ReadOnlySpan<byte> key, AttributeView attribute) => key.Length switch
    {
        6 => key.SequenceEqual("status"u8) && IsFailure(attribute.Value.Text),
        4 => key.SequenceEqual("code"u8) && attribute.Value.Text.StartsWith("ERR_"u8),
        11 => key.SequenceEqual("biz.outcome"u8) && attribute.Value.Text.SequenceEqual("FAILED"u8),
        _ => false,
    };

    private static bool IsFailure(ReadOnlySpan<byte> status) =>
        status.SequenceEqual("FAILED"u8) || status.SequenceEqual("timeout"u8) || status.SequenceEqual("reject"u8);
}
