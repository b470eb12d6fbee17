using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution.Rules;

/// <summary>
/// The verdict on a span: failed when its OTLP status is ERROR, or <c>status</c> is <c>FAILED</c>, <c>timeout</c> or
/// <c>reject</c>, or <c>code</c> begins with <c>ERR_</c>, or enrichment said so in <c>biz.outcome</c>.
/// </summary>
internal sealed class SpanFailure
{
    private readonly AttributeSlots _slots;
    private readonly int _status;
    private readonly int _code;
    private readonly int _outcome;
    private readonly SlotMask _mask;

    /// <summary>A reader of verdicts by slot.</summary>
    /// <param name="slots">Where the keys are registered.</param>
    public SpanFailure(AttributeSlots slots)
    {
        _slots = slots;
        _status = slots.Register("status");
        _code = slots.Register("code");
        _outcome = slots.Register("biz.outcome");
        _mask = new SlotMask(_status, _code, _outcome);
    }

    /// <summary>The verdict without slots, for the few spans that are looked at alone.</summary>
    /// <param name="view">The span's chunk.</param>
    /// <param name="span">The span.</param>
    public static bool IsFailed(OtlpView view, in SpanRecord span) => span.StatusCode == SpanStatusCode.Error
        || (view.TryGetAttribute(span.Node, "status"u8, out var status) && IsFailure(status.Text))
        || (view.TryGetAttribute(span.Node, "code"u8, out var code) && code.Text.StartsWith("ERR_"u8))
        || (view.TryGetAttribute(span.Node, "biz.outcome"u8, out var outcome) && outcome.Text.SequenceEqual("FAILED"u8));

    /// <summary>The verdict.</summary>
    /// <param name="view">The span's chunk.</param>
    /// <param name="span">The span.</param>
    /// <param name="present">The registered attributes that the span has.</param>
    public bool IsFailed(OtlpView view, in SpanRecord span, in SlotMask present) => span.StatusCode == SpanStatusCode.Error
        || (present.Overlaps(_mask)
            && ((view.TryGetAttribute(_slots, span.Node, _status, out var status) && IsFailure(status.Text))
                || (view.TryGetAttribute(_slots, span.Node, _code, out var code) && code.Text.StartsWith("ERR_"u8))
                || (view.TryGetAttribute(_slots, span.Node, _outcome, out var outcome) && outcome.Text.SequenceEqual("FAILED"u8))));

    private static bool IsFailure(ReadOnlySpan<byte> status) =>
        status.SequenceEqual("FAILED"u8) || status.SequenceEqual("timeout"u8) || status.SequenceEqual("reject"u8);
}
