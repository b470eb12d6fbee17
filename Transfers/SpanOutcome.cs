using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Transfers;

/// <summary>
/// Outcome of a span. A span failed if its OTLP status is ERROR, its attribute <c>status</c> is <c>FAILED</c>,
/// <c>timeout</c> or <c>reject</c>, its attribute <c>code</c> starts with <c>ERR_</c>, or enrichment set
/// <c>biz.outcome</c> to <see cref="Failed"/>.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed class SpanOutcome
{
    private readonly AttributeSlots _slots;
    private readonly int _status;
    private readonly int _code;
    private readonly int _outcome;
    private readonly SlotMask _mask;

    /// <summary>Registers the attributes that determine the outcome.</summary>
    /// <param name="slots">The slots of the reading component.</param>
    public SpanOutcome(AttributeSlots slots)
    {
        _slots = slots;
        _status = slots.Register(BusinessKeys.Status);
        _code = slots.Register(BusinessKeys.Code);
        _outcome = slots.Register(BusinessKeys.Outcome);
        _mask = new SlotMask(_status, _code, _outcome);
    }

    /// <summary>Value of <see cref="BusinessKeys.Outcome"/> of a failed span.</summary>
    public static ReadOnlySpan<byte> Failed => "FAILED"u8;

    /// <summary>Value of <see cref="BusinessKeys.Outcome"/> of any other span.</summary>
    public static ReadOnlySpan<byte> Ok => "OK"u8;

    /// <summary>Slot of <see cref="BusinessKeys.Outcome"/>.</summary>
    public int OutcomeSlot => _outcome;

    /// <summary>Whether a span failed.</summary>
    /// <param name="span">The span.</param>
    /// <param name="row">Its registered attributes.</param>
    public bool IsFailed(in SpanRecord span, in SlotRow row) =>
        IsReportedFailed(span, row) || (row.TryGetText(_outcome, out var outcome) && outcome.SequenceEqual(Failed));

    /// <summary>Whether a span failed by what its service reported, without the outcome of an earlier enrichment.</summary>
    /// <param name="span">The span.</param>
    /// <param name="row">Its registered attributes.</param>
    public bool IsReportedFailed(in SpanRecord span, in SlotRow row) => span.StatusCode == SpanStatusCode.Error
        || (row.TryGetText(_status, out var status) && IsFailure(status))
        || (row.TryGetText(_code, out var code) && IsErrorCode(code));

    /// <summary>Whether a span failed.</summary>
    /// <param name="view">The span's chunk.</param>
    /// <param name="span">The span.</param>
    /// <param name="present">Slots of the attributes that the span has.</param>
    public bool IsFailed(OtlpView view, in SpanRecord span, in SlotMask present) => span.StatusCode == SpanStatusCode.Error
        || (present.Overlaps(_mask)
            && ((view.TryGetAttribute(_slots, span.Node, _status, out var status) && IsFailure(status.Text))
                || (view.TryGetAttribute(_slots, span.Node, _code, out var code) && IsErrorCode(code.Text))
                || (view.TryGetAttribute(_slots, span.Node, _outcome, out var outcome) && outcome.Text.SequenceEqual(Failed))));

    /// <summary>Whether a span failed, by key instead of slot, for the few spans that are read one by one.</summary>
    /// <param name="view">The span's chunk.</param>
    /// <param name="span">The span.</param>
    public static bool IsFailed(OtlpView view, in SpanRecord span) => span.StatusCode == SpanStatusCode.Error
        || (view.TryGetAttribute(span.Node, BusinessKeys.Status, out var status) && IsFailure(status.Text))
        || (view.TryGetAttribute(span.Node, BusinessKeys.Code, out var code) && IsErrorCode(code.Text))
        || (view.TryGetAttribute(span.Node, BusinessKeys.Outcome, out var outcome) && outcome.Text.SequenceEqual(Failed));

    private static bool IsFailure(ReadOnlySpan<byte> status) =>
        status.SequenceEqual(Failed) || status.SequenceEqual("timeout"u8) || status.SequenceEqual("reject"u8);

    private static bool IsErrorCode(ReadOnlySpan<byte> code) => code.StartsWith("ERR_"u8);
}
