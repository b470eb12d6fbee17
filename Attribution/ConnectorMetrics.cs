using TelemetryPipeline.Attribution.Events;
using TelemetryPipeline.Attribution.Evaluation;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Attribution;

/// <summary>The connector's own metrics beside those of the judging.</summary>
internal sealed class ConnectorMetrics
{
    private readonly EvaluationMetrics _counts;

    public ConnectorMetrics(EvaluationMetrics counts, Attributor attributor, EventOutbox outbox)
    {
        _counts = counts;
        SentEvents = counts.Count("sent_events", "Events that the next pipeline took, amendments included.");
        Reloads = counts.Count("rule_reloads", "Changed rule files that were read, by outcome.", ("outcome", "success"));
        FailedReloads = counts.Count("rule_reloads", "Changed rule files that were read, by outcome.", ("outcome", "failure"));
        counts.Gauge("pending_events", "Events that wait for the next pipeline or are under way.", () => outbox.PendingCount);
        AttributorGauges.Observe(counts, attributor);
    }

    public Counter SentEvents { get; }

    public Counter Reloads { get; }

    public Counter FailedReloads { get; }

    /// <summary>Events that were lost.</summary>
    /// <param name="reason">Why.</param>
    public Counter DroppedEvents(string reason) =>
        _counts.Count("dropped_events", "Events that were lost, by reason.", ("reason", reason));
}
