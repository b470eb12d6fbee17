using TelemetryPipeline.Otlp;
using TelemetryPipeline.Transfers;

namespace TelemetryPipeline.Processors.FinancialEnrichment;

/// <summary>Sets <see cref="BusinessKeys.Outcome"/> of each span.</summary>
internal sealed class OutcomeStep(AttributeSlots slots)
{
    private readonly SpanOutcome _outcome = new(slots);

    /// <summary>Sets the outcome that the span's service reported; one set earlier is replaced.</summary>
    public void Apply(in SpanRecord span, in SlotRow row)
    {
        var outcome = _outcome.IsReportedFailed(span, row) ? SpanOutcome.Failed : SpanOutcome.Ok;
        if (!row.TryGetShortText(_outcome.OutcomeSlot, out var present) || !present.SequenceEqual(outcome))
        {
            row.SetText(_outcome.OutcomeSlot, outcome);
        }
    }
}
