using TelemetryPipeline.Exporters.Alerting.Routing;
using TelemetryPipeline.Transfers.AttributionEvents;

namespace TelemetryPipeline.Exporters.Alerting.Grouping;

/// <summary>
/// All groups: takes events in, and says which groups each receiver is due. It decides, and does nothing else: time
/// is asked for, nothing is sent. Thread-safe.
/// </summary>
internal sealed partial class AlertBook
{
    private const string OverflowLabel = "overflow";

    private readonly GroupingConfig _config;
    private readonly IReadOnlyList<AlertRoute> _routes;
    private readonly IReadOnlyList<ReceiverTiming> _receivers;
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly AlertsMetrics _metrics;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, AlertGroup> _groups = new(StringComparer.Ordinal);
    private readonly EventIndex _events;
    private readonly MuteTable _mutes;
    private readonly TimeSpan[] _nextDue;
    private bool _isStopping;
    private bool _isSooner;

    /// <summary>A book without groups.</summary>
    /// <param name="config">The settings.</param>
    /// <param name="routes">Who is told of what.</param>
    /// <param name="receivers">What receivers want to be told, by their numbers.</param>
    /// <param name="time">The clock.</param>
    /// <param name="metrics">The counters.</param>
    public AlertBook(
        GroupingConfig config, IReadOnlyList<AlertRoute> routes, IReadOnlyList<ReceiverTiming> receivers, TimeProvider time,
        AlertsMetrics metrics)
    {
        _config = config;
        _routes = routes;
        _receivers = receivers;
        _time = time;
        _origin = time.GetTimestamp();
        _metrics = metrics;
        _events = new EventIndex(config.MaxEvents, 2 * config.ResolveTimeout);
        _mutes = new MuteTable(config.Inhibit);
        _nextDue = new TimeSpan[receivers.Count];
        Array.Fill(_nextDue, TimeSpan.MaxValue);
        metrics.Observe(() => GroupCount, () => EventCount, config);
    }

    /// <summary>Called, outside of the lock, when something may be due sooner than a receiver was told.</summary>
    public Action Changed { get; set; } = static () => { };

    /// <summary>Groups that fire, or whose end is still to be told.</summary>
    public int GroupCount
    {
        get
        {
            lock (_gate)
            {
                return _groups.Count;
            }
        }
    }

    /// <summary>Events remembered.</summary>
    public int EventCount
    {
        get
        {
            lock (_gate)
            {
                return _events.Count;
            }
        }
    }

    /// <summary>The engine's clock: what has passed since it was made, whatever the calendar does.</summary>
    public TimeSpan Now => _time.GetElapsedTime(_origin);

    /// <summary>Takes an event in.</summary>
    /// <param name="e">The event.</param>
    /// <param name="waiter">What waits until the event was told; null when nobody does.</param>
    public EventFate Add(AttributionEvent e, BatchWaiter? waiter)
    {
        EventFate fate;
        bool isSooner;
        lock (_gate)
        {
            fate = AddLocked(e, waiter);
            isSooner = _isSooner;
            _isSooner = false;
        }

        _metrics.CountEvent(fate);
        if (isSooner)
        {
            Changed();
        }

        return fate;
    }

    private EventFate AddLocked(AttributionEvent e, BatchWaiter? waiter)
    {
        if (e.IsShadow && !_config.IncludeShadow)
        {
            return EventFate.Shadow;
        }

        var now = Now;
        if (_events.Find(e.EventId) is { } known)
        {
            return Update(known, e, waiter, now);
        }

        if (e.IsResolved)
        {
            // Remembered, so that its beginning, should it be on another way here, is not taken for news.
            Remember(e, now).IsResolved = true;
            return EventFate.Unknown;
        }

        var receivers = AlertRoute.ReceiversOf(_routes, e);
        if (receivers == 0)
        {
            return EventFate.Unrouted;
        }

        var entry = Remember(e, now);
        if (_config.InhibitPath && Path(entry, waiter))
        {
            return EventFate.OnPath;
        }

        return Open(e, entry, receivers, waiter, now);
    }

    private EventFate Update(EventEntry entry, AttributionEvent e, BatchWaiter? waiter, TimeSpan now)
    {
        if (e.Revision < entry.Revision || (e.Revision == entry.Revision && (entry.IsResolved || !e.IsResolved)))
        {
            // Sent twice, perhaps since its batch was not acknowledged: it waits as it did the first time.
            HoldIfOwed(entry.Group, waiter);
            return EventFate.Duplicate;
        }

        var wasResolved = entry.IsResolved;
        entry.Revision = e.Revision;
        entry.SeenAt = now;
        entry.IsResolved = e.IsResolved;
        if (e.IsResolved)
        {
            return End(entry, e, waiter, now);
        }

        if (wasResolved || entry.Group is not { IsFiring: true } group)
        {
            // A window that fires again is news; a trace that is told more about is not.
            return wasResolved || e.Text(AttributionKeys.Scope) == "window" ? Reopen(entry, e, waiter, now) : EventFate.TooLate;
        }

        entry.OriginSpan = e.Text(AttributionKeys.OriginSpanId);
        entry.SpansAbove = SpansAbove(e);
        if (AlertRoute.ReceiversOf(_routes, e) is var receivers && receivers != 0 && KeyOf(LabelsOf(e), receivers) != group.Key
            && !IsOverflow(group))
        {
            // Late spans showed another cause: it belongs to another group, which is news there.
            Withdraw(entry, now);
            return Open(e, entry, receivers, waiter, now);
        }

        group.Amend(e, entry);
        group.ExpiresAt = now + _config.ResolveTimeout;
        HoldIfOwed(group, waiter);
        return EventFate.Amended;
    }

    private EventFate Reopen(EventEntry entry, AttributionEvent e, BatchWaiter? waiter, TimeSpan now)
    {
        var receivers = AlertRoute.ReceiversOf(_routes, e);
        return receivers == 0 ? EventFate.Unrouted : Open(e, entry, receivers, waiter, now);
    }

    private EventFate End(EventEntry entry, AttributionEvent e, BatchWaiter? waiter, TimeSpan now)
    {
        if (entry.Group is not { } group)
        {
            return EventFate.Unknown;
        }

        entry.Group = null;
        group.Amend(e, entry);
        group.ActiveCount--;
        HoldIfOwed(group, waiter);
        if (group.IsFiring && group.ActiveCount <= 0 && group.ForgottenUntil <= now)
        {
            ResolveGroup(group, now);
        }

        return EventFate.Resolved;
    }

    private EventEntry Remember(AttributionEvent e, TimeSpan now)
    {
        var entry = new EventEntry
        {
            Id = e.EventId,
            TraceId = e.TraceId,
            Revision = e.Revision,
            SeenAt = now,
            OriginSpan = e.Text(AttributionKeys.OriginSpanId),
            SpansAbove = SpansAbove(e),
        };
        if (_events.Add(entry, now) is { } evicted)
        {
            _metrics.EvictedEvents.Add(1);
            if (evicted.Group is { IsFiring: true } group)
            {
                group.ActiveCount--;
                group.ForgottenUntil = Max(group.ForgottenUntil, evicted.SeenAt + _config.ResolveTimeout);
            }
        }

        return entry;
    }

    private EventFate Open(AttributionEvent e, EventEntry entry, ulong receivers, BatchWaiter? waiter, TimeSpan now)
    {
        var labels = LabelsOf(e);
        var key = KeyOf(labels, receivers);
        var isNew = !_groups.TryGetValue(key, out var group);
        if (isNew && _groups.Count >= _config.MaxGroups)
        {
            labels = [new("alertname", "alerts_overflow"), new(OverflowLabel, "true")];
            key = KeyOf(labels, receivers);
            isNew = !_groups.TryGetValue(key, out group);
            _metrics.OverflowedEvents.Add(1);
        }

        if (isNew || !group!.IsFiring)
        {
            // The end of a former one may still be untold to somebody; it goes on instead.
            var former = group;
            group = NewGroup(e, labels, key, receivers, now);
            former?.HandOver(group);
            _groups[key] = group;
            _mutes.Add(group);
            isNew = true;
        }

        group.Add(e, entry);
        group.ExpiresAt = now + _config.ResolveTimeout;
        HoldIfOwed(group, waiter);
        NoteIfSooner(group);
        return isNew ? EventFate.Opened : EventFate.Added;
    }

    private AlertGroup NewGroup(
        AttributionEvent e, List<KeyValuePair<string, string>> labels, string key, ulong receivers, TimeSpan now) => new()
        {
            Key = key,
            Fingerprint = FingerprintOf(key),
            Labels = labels,
            Receivers = receivers,
            Told = new ToldState[_receivers.Count],
            Urgency = e.Priority is ['P', >= '0' and <= '9'] ? e.Priority[1] - '0' : 10,
            FirstAt = now,
            StartsAt = e.Time == default ? _time.GetUtcNow() : e.Time,
            Newest = e,
        };

    private static void HoldIfOwed(AlertGroup? group, BatchWaiter? waiter)
    {
        if (waiter is not null && group is { IsToldToAll: false })
        {
            group.Hold(waiter);
        }
    }

    private void ResolveGroup(AlertGroup group, TimeSpan now)
    {
        group.Resolve(now, _time.GetUtcNow());
        _mutes.Remove(group);
        _isSooner |= _config.Inhibit.Count > 0;
        NoteIfSooner(group);
        SettleIfDone(group);
    }

    // Whether a receiver has to look again before it meant to.
    private void NoteIfSooner(AlertGroup group)
    {
        for (var i = 0; i < _nextDue.Length; i++)
        {
            _isSooner |= DueOf(group, i) < _nextDue[i];
        }
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
