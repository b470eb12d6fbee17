using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Attribution.Traces;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Attribution.Evaluation;

/// <summary>What the judging of traces counts. Labels are rules, versions and fixed words; series of rules are bounded.</summary>
internal sealed class EvaluationMetrics
{
    private const string Prefix = "otelcol_connector_anomaly_attribution_";
    private const int RuleSeriesMax = 2000;

    private readonly MetricRegistry _registry;
    private readonly string _connector;
    private readonly Lock _adding = new();
    private readonly Dictionary<(string Id, int Version), RuleStats> _rules = [];
    private readonly Counter[] _unmeasured;

    /// <summary>The counters of a connector.</summary>
    /// <param name="registry">Where they are shown.</param>
    /// <param name="connector">Its id.</param>
    public EvaluationMetrics(MetricRegistry registry, string connector)
    {
        _registry = registry;
        _connector = connector;
        Spans = Count("spans", "Spans that rules were asked about.");
        LateSpans = Count("late_spans", "Spans that came after the decision on their trace.");
        DuplicateSpans = Count("duplicate_spans", "Spans that had come before and were ignored.");
        UnstoredFull = Count("unstored_spans", "Spans that rules saw and that are in no chain, by reason.", ("reason", "trace_full"));
        UnstoredNoIds = Count("unstored_spans", "Spans that rules saw and that are in no chain, by reason.", ("reason", "no_ids"));
        UnstoredMemory = Count("unstored_spans", "Spans that rules saw and that are in no chain, by reason.", ("reason", "memory"));
        _unmeasured = Array.ConvertAll(
            (SpanTiming[])[SpanTiming.NoStart, SpanTiming.NoEnd, SpanTiming.Negative],
            timing => Count("unmeasured_spans", "Spans without a duration, which baselines leave out, by reason.", ("reason", timing.Reason())));
        DecidedComplete = Count("decided_traces", "Traces that were decided, by what ended the wait.", ("trigger", "complete"));
        DecidedWait = Count("decided_traces", "Traces that were decided, by what ended the wait.", ("trigger", "decision_wait"));
        DecidedEvicted = Count("decided_traces", "Traces that were decided, by what ended the wait.", ("trigger", "evicted"));
        DecidedShutdown = Count("decided_traces", "Traces that were decided, by what ended the wait.", ("trigger", "shutdown"));
        EvictedForCount = Evicted("max_traces");
        EvictedForBytes = Evicted("max_bytes");
        UndecidedTraces = Count("undecided_traces", "Traces that made room before they were whole: rules of scope trace were not asked about them.");
        Cycles = Count("cyclic_traces", "Decided traces in which parents led in a circle.");
        Amendments = Count("amendments", "Events that went out again, because more was known.");
        Resolved = Count("resolved_events", "Events that were resolved.");
        SuppressedByRule = Count("suppressed_hits", "Hits that made no event of their own, by reason.", ("reason", "other_rule"));
        SuppressedRepeat = Count("suppressed_hits", "Hits that made no event of their own, by reason.", ("reason", "repeated"));
        ShadowEvents = Count("shadow_events", "Events of rules on trial, whether they went out or not.");
    }

    public Counter Spans { get; }

    public Counter LateSpans { get; }

    public Counter DuplicateSpans { get; }

    public Counter UnstoredFull { get; }

    public Counter UnstoredNoIds { get; }

    public Counter UnstoredMemory { get; }

    public Counter DecidedComplete { get; }

    public Counter DecidedWait { get; }

    public Counter DecidedEvicted { get; }

    public Counter DecidedShutdown { get; }

    /// <summary>Traces that made room for the number of others: open ones, then decided ones that were only remembered.</summary>
    public (Counter Open, Counter Decided) EvictedForCount { get; }

    /// <summary>Traces that made room for the memory of others: open ones, then decided ones that were only remembered.</summary>
    public (Counter Open, Counter Decided) EvictedForBytes { get; }

    public Counter UndecidedTraces { get; }

    public Counter Cycles { get; }

    public Counter Amendments { get; }

    public Counter Resolved { get; }

    public Counter SuppressedByRule { get; }

    public Counter SuppressedRepeat { get; }

    public Counter ShadowEvents { get; }

    /// <summary>The counters of a rule, the same ones for the same id and version.</summary>
    /// <param name="rule">The rule.</param>
    public RuleStats StatsOf(Rule rule)
    {
        lock (_adding)
        {
            if (_rules.TryGetValue((rule.Id, rule.Version), out var known))
            {
                return known;
            }

            // Versions that come and go must not make series without end.
            (string, string)[] labels = _rules.Count < RuleSeriesMax
                ? [("rule", rule.Id), ("version", rule.Version.ToString(System.Globalization.CultureInfo.InvariantCulture))]
                : [("rule", "(other)"), ("version", "0")];
            var stats = new RuleStats(
                Count("rule_hits", "Traces that a rule hit.", labels),
                Count("rule_events", "Events that a rule made, without amendments.", labels));
            if (_rules.Count < RuleSeriesMax)
            {
                _rules.Add((rule.Id, rule.Version), stats);
            }

            return stats;
        }
    }

    private (Counter Open, Counter Decided) Evicted(string reason)
    {
        const string Help = "Traces that made room for others, by reason; of those decided, only late spans may miss them.";
        return (
            Count("evicted_traces", Help, ("reason", reason), ("phase", "open")),
            Count("evicted_traces", Help, ("reason", reason), ("phase", "decided")));
    }

    /// <summary>A counter of this connector.</summary>
    /// <param name="name">Its name without the prefix.</param>
    /// <param name="help">What it counts.</param>
    /// <param name="labels">Further labels.</param>
    public Counter Count(string name, string help, params ReadOnlySpan<(string Name, string Value)> labels) =>
        _registry.Counter(Prefix + name, help, [("connector", _connector), .. labels]);

    /// <summary>A number of this connector that is read when it is shown.</summary>
    /// <param name="name">Its name without the prefix.</param>
    /// <param name="help">What it tells.</param>
    /// <param name="read">Reads it.</param>
    public void Gauge(string name, string help, Func<double> read) =>
        _registry.Gauge(Prefix + name, help, read, ("connector", _connector));

    /// <summary>A counter of this connector that somebody else keeps.</summary>
    /// <param name="name">Its name without the prefix.</param>
    /// <param name="help">What it counts.</param>
    /// <param name="read">Reads it.</param>
    public void Observe(string name, string help, Func<double> read) =>
        _registry.ObservedCounter(Prefix + name, help, read, ("connector", _connector));

    /// <summary>Counts a span without a duration.</summary>
    /// <param name="timing">Why it has none; not <see cref="SpanTiming.Known"/>.</param>
    public void CountUnmeasured(SpanTiming timing) => _unmeasured[timing - SpanTiming.NoStart].Add(1);

    /// <summary>Counts what became of a span that was offered to its trace.</summary>
    /// <param name="outcome">What.</param>
    public void CountSpan(AddOutcome outcome)
    {
        switch (outcome)
        {
            case AddOutcome.AddedLate:
                LateSpans.Add(1);
                break;
            case AddOutcome.Duplicate:
                DuplicateSpans.Add(1);
                break;
            case AddOutcome.TraceFull:
                UnstoredFull.Add(1);
                break;
            case AddOutcome.NoRoom:
                UnstoredMemory.Add(1);
                break;
            default:
                break;
        }
    }
}
