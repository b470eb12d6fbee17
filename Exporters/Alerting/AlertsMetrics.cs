using TelemetryPipeline.Exporters.Alerting.Grouping;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;

namespace TelemetryPipeline.Exporters.Alerting;

/// <summary>The exporter's own metrics.</summary>
internal sealed class AlertsMetrics
{
    private const string Prefix = "otelcol_exporter_alerts_";

    private readonly MetricRegistry _registry;
    private readonly string _exporter;
    private readonly Counter[] _events;

    public AlertsMetrics(ComponentContext context)
    {
        _registry = context.Metrics;
        _exporter = context.Id.ToString();
        EvictedEvents = Count("evicted_events", "Remembered events that made room before their time.");
        OverflowedEvents = Count("overflowed_events", "Events that went to an overflow group because there were too many groups.");
        MutedAlerts = Count("muted_alerts", "Alerts that were not told because another silences them.");
        UnsaidAlerts = Count("unsaid_alerts", "Alerts that were over before the first notification was due.");
        SecretFailures = Count("secret_read_failures", "Secret files that could not be read; the former secret stays in use.");
        var fates = Enum.GetValues<EventFate>();
        _events = new Counter[fates.Length];
        foreach (var fate in fates)
        {
            _events[(int)fate] = Count("events", "Attribution events by what became of them.", ("outcome", LabelOf(fate)));
        }
    }

    public Counter EvictedEvents { get; }

    public Counter OverflowedEvents { get; }

    public Counter MutedAlerts { get; }

    public Counter UnsaidAlerts { get; }

    public Counter SecretFailures { get; }

    /// <summary>Counts an event.</summary>
    public void CountEvent(EventFate fate) => _events[(int)fate].Add(1);

    /// <summary>Events lost because the process stopped.</summary>
    public Counter LostEvents(string reason) => Count("lost_events", "Events that nobody was told of, by reason.", ("reason", reason));

    /// <summary>Notifications a receiver took.</summary>
    public Counter Notifications(string receiver, string status) =>
        Count("notifications", "Notifications that were taken, an alert each.", ("receiver", receiver), ("status", status));

    /// <summary>Attempts that failed and are repeated.</summary>
    public Counter Retries(string receiver, string reason) =>
        Count("notification_retries", "Attempts that failed and are repeated, by reason.", ("receiver", receiver), ("reason", reason));

    /// <summary>Notifications that failed for good.</summary>
    public Counter Failures(string receiver, string reason) =>
        Count("notification_failures", "Notifications that failed for good, an alert each, by reason.", ("receiver", receiver), ("reason", reason));

    /// <summary>Waits because of the rate limit.</summary>
    public Counter RateLimited(string receiver) =>
        Count("rate_limited", "Times that due alerts had to wait for the rate limit.", ("receiver", receiver));

    /// <summary>Messages that had to be cut to fit.</summary>
    public Counter Shortened(string receiver) =>
        Count("shortened_messages", "Messages that were shortened to fit the receiver's limit.", ("receiver", receiver));

    /// <summary>Shows the book.</summary>
    public void Observe(Func<double> groups, Func<double> events, GroupingConfig config)
    {
        Gauge("groups", "Groups that fire or whose end is still to be told.", groups);
        Gauge("groups_limit", "The setting max_groups.", () => config.MaxGroups);
        Gauge("remembered_events", "Events that are remembered one by one.", events);
    }

    private static string LabelOf(EventFate fate) => fate switch
    {
        EventFate.Opened => "opened",
        EventFate.Added => "added",
        EventFate.Amended => "amended",
        EventFate.Resolved => "resolved",
        EventFate.Duplicate => "duplicate",
        EventFate.TooLate => "too_late",
        EventFate.Unknown => "unknown",
        EventFate.OnPath => "on_path",
        EventFate.Shadow => "shadow",
        _ => "unrouted",
    };

    private Counter Count(string name, string help, params ReadOnlySpan<(string Name, string Value)> labels) =>
        _registry.Counter(Prefix + name, help, [("exporter", _exporter), .. labels]);

    private void Gauge(string name, string help, Func<double> read) =>
        _registry.Gauge(Prefix + name, help, read, ("exporter", _exporter));
}
