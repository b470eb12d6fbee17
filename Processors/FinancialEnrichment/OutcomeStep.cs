using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Processors.FinancialEnrichment;

/// <summary>Sets one verdict per span, <c>biz.outcome</c>: <c>FAILED</c> or <c>OK</c>, the words that rules use.</summary>
/// <remarks>
/// A span has failed when its OTLP status is ERROR, or its attribute <c>status</c> is <c>FAILED</c>, <c>timeout</c> or
/// <c>reject</c>, or its attribute <c>code</c> begins with <c>ERR_</c>.
/// </remarks>
internal sealed class OutcomeStep(AttributeSlots slots)
{
    private readonly int _outcome = slots.Register("biz.outcome");
    private readonly int _status = slots.Register("status");
    private readonly int _code = slots.Register("code");

    /// <summary>Sets the verdict, over one that is there: the newest facts count.</summary>
    public void Apply(in SpanRecord span, in SlotRow row)
    {
        var verdict = HasFailed(span, row) ? "FAILED"u8 : "OK"u8;
        if (!row.TryGetShortText(_outcome, out var present) || !present.SequenceEqual(verdict))
        {
            row.SetText(_outcome, verdict);
        }
    }

    private bool HasFailed(in SpanRecord span, in SlotRow row)
    {
        if (span.StatusCode == SpanStatusCode.Error)
        {
            return true;
        }

        if (row.TryGetText(_status, out var status)
            && (status.SequenceEqual("FAILED"u8) || status.SequenceEqual("timeout"u8) || status.SequenceEqual("reject"u8)))
        {
            return true;
        }

        return row.TryGetText(_code, out var code) && code.StartsWith("ERR_"u8);
    }
}
