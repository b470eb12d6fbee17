using TelemetryPipeline.Attribution.Events;
using TelemetryPipeline.Attribution.Judging;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Attribution;

/// <summary>The connector's own metrics beside those of the judging.</summary>
internal sealed class ConnectorMetrics
{
    private readonly JudgeMetrics _counts;

    public ConnectorMetrics(JudgeMetrics counts, Attributor attributor, EventOutbox outbox)
    {
        _counts = counts;
        SentEvents = counts.Count("sent_events", "Events that the next pipeline took, amendments included.");
        Reloads = counts.Count("rule_reloads", "Changed rule files that were read, by outcome.", ("outcome", "success"));
        FailedReloads = counts.Count("rule_reloads", "Changed rule files that were read, by outcome.", ("outcome", "failure"));
        counts.Gauge("pending_events", "Events that wait for the next pipeline or are under way.", () => outbox.PendingCount);
        Observe(attributor);
    }

    public Counter SentEvents { get; }

    public Counter Reloads { get; }

    public Counter FailedReloads { get; }

    /// <summary>Events that were lost.</summary>
    /// <param name="reason">Why.</param>
    public Counter DroppedEvents(string reason) =>
        _counts.Count("dropped_events", "Events that were lost, by reason.", ("reason", reason));

    private void Observe(Attributor attributor)
    {
        var parts = attributor.Parts;
        _counts.Gauge("open_traces", "Traces whose spans are gathered.", () => Sum(static shard => shard.OpenCount));
        _counts.Gauge("decided_traces_held", "Traces that are decided and remembered for spans that come late.", () => Sum(static shard => shard.DecidedCount));
        _counts.Gauge("stored_spans", "Spans of these traces, places of missing ones included.", () => Sum(static shard => shard.SpanCount));
        _counts.Gauge("memory_bytes", "Memory of traces, spans and their events.", () => parts.Budget.UsedBytes + parts.CaseBudget.UsedBytes);
        _counts.Gauge("memory_limit_bytes", "What they may take.", () => parts.Budget.LimitBytes + parts.CaseBudget.LimitBytes);
        _counts.Gauge("rule_sets", "Sets of rules that traces are judged by; more than one after a change.", () => attributor.GenerationCount);
        _counts.Gauge("windows", "Keys that window rules follow.", () => parts.Windows.KeyCount);
        _counts.Gauge("firing_windows", "Keys of window rules that are firing.", () => parts.Windows.FiringCount);
        _counts.Gauge("window_traces", "Traces counted in windows.", () => parts.Windows.TraceCount);
        _counts.Observe("evicted_windows", "Keys of window rules that made room for others.", () => parts.Windows.EvictedCount);
        _counts.Observe("late_window_hits", "Hits that were older than their window.", () => parts.Windows.TooOldCount);
        _counts.Gauge("groups", "Groups whose repeated events are folded.", () => parts.Gate.Count);
        _counts.Observe("evicted_groups", "Groups that made room for others.", () => parts.Gate.EvictedCount);
        _counts.Gauge("baseline_series", "Series with a baseline of their latencies.", () => parts.History.SeriesCount);
        _counts.Observe("unnamed_texts", "Texts of spans that found no room and are shown as (other).", () =>
            parts.Names.Nodes.RefusedCount + parts.Names.Spans.RefusedCount + parts.Names.Codes.RefusedCount + parts.Names.Keys.RefusedCount);

        double Sum(Func<Traces.TraceShard, int> count)
        {
            var sum = 0;
            foreach (var shard in parts.Shards)
            {
                sum += count(shard);
            }

            return sum;
        }
    }
}
