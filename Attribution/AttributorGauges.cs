using TelemetryPipeline.Attribution.Evaluation;

namespace TelemetryPipeline.Attribution;

/// <summary>Metrics that are read from an attributor when they are shown.</summary>
internal static class AttributorGauges
{
    /// <summary>Shows what an attributor holds.</summary>
    /// <param name="counts">Where.</param>
    /// <param name="attributor">The attributor.</param>
    public static void Observe(EvaluationMetrics counts, Attributor attributor)
    {
        var parts = attributor.Parts;
        counts.Gauge("open_traces", "Traces whose spans are gathered.", () => Sum(static shard => shard.OpenCount));
        counts.Gauge("decided_traces_held", "Traces that are decided and remembered for spans that come late.", () => Sum(static shard => shard.DecidedCount));
        counts.Gauge("stored_spans", "Spans of these traces, places of missing ones included.", () => Sum(static shard => shard.SpanCount));
        counts.Gauge("memory_bytes", "Memory of traces, spans and their events.", () => parts.Budget.UsedBytes + parts.CaseBudget.UsedBytes);
        counts.Gauge("memory_limit_bytes", "What they may take.", () => parts.Budget.LimitBytes + parts.CaseBudget.LimitBytes);
        counts.Gauge("rule_sets", "Sets of rules that traces are evaluated by; more than one after a change.", () => attributor.GenerationCount);
        counts.Gauge("windows", "Keys that window rules follow.", () => parts.Windows.KeyCount);
        counts.Gauge("firing_windows", "Keys of window rules that are firing.", () => parts.Windows.FiringCount);
        counts.Gauge("window_traces", "Traces counted in windows.", () => parts.Windows.TraceCount);
        counts.Observe("evicted_windows", "Keys of window rules that made room for others.", () => parts.Windows.EvictedCount);
        counts.Observe("late_window_hits", "Hits that were older than their window.", () => parts.Windows.TooOldCount);
        counts.Gauge("groups", "Groups whose repeated events are folded.", () => parts.Gate.Count);
        counts.Observe("evicted_groups", "Groups that made room for others.", () => parts.Gate.EvictedCount);
        counts.Gauge("baseline_series", "Series with a baseline of their latencies.", () => parts.History.SeriesCount);
        counts.Observe("unnamed_texts", "Texts of spans that found no room and are shown as (other).", () =>
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
