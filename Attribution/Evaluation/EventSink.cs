using TelemetryPipeline.Attribution.Events;
using TelemetryPipeline.Attribution.Rules;

namespace TelemetryPipeline.Attribution.Evaluation;

/// <summary>Counts events and collects their records, for one thread.</summary>
/// <param name="batch">Where records are collected.</param>
/// <param name="metrics">What is counted.</param>
/// <param name="emitsShadow">Whether events of rules on trial go out.</param>
internal sealed class EventSink(EventBatch batch, EvaluationMetrics metrics, bool emitsShadow) : IEventOutput
{
    /// <inheritdoc/>
    public void Emit(RuleEvent attribution)
    {
        if (attribution.IsResolved)
        {
            metrics.Resolved.Add(1);
        }
        else if (attribution.Revision > 1)
        {
            metrics.Amendments.Add(1);
        }
        else
        {
            metrics.StatsOf(attribution.Rule).Event();
        }

        if (attribution.Rule.Status == RuleStatus.Shadow)
        {
            metrics.ShadowEvents.Add(1);
            if (!emitsShadow)
            {
                return;
            }
        }

        batch.Add(attribution);
    }
}
