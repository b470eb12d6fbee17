using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Heatmap;

/// <summary>
/// Whether a span failed: its OTLP status is ERROR, or <c>status</c> is <c>FAILED</c>, <c>timeout</c> or <c>reject</c>,
/// or <c>code</c> begins with <c>ERR_</c>; or enrichment has said so in <c>biz.outcome</c>.
/// </summary>
/// <param name="slots">Where the keys are registered.</param>
internal sealed class SpanVerdict(AttributeSlots slots)
{
    private readonly int _status = slots.Register("status");
    private readonly int _code = slots.Register("code");
    private readonly int _outcome = slots.Register("biz.outcome");

    /// <summary>Whether a span failed.</summary>
    /// <param name="span">The span.</param>
    /// <param name="row">Its attributes.</param>
    public bool IsFailed(in SpanRecord span, in SlotRow row) => span.StatusCode == SpanStatusCode.Error
        || (row.TryGetText(_outcome, out var outcome) && outcome.SequenceEqual("FAILED"u8))
        || (row.TryGetText(_status, out var status) && IsFailure(status))
        || (row.TryGetText(_code, out var code) && code.StartsWith("ERR_"u8));

    private static bool IsFailure(ReadOnlySpan<byte> status) =>
        status.SequenceEqual("FAILED"u8) || status.SequenceEqual("timeout"u8) || status.SequenceEqual("reject"u8);
}
