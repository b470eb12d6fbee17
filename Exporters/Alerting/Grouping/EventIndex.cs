namespace TelemetryPipeline.Exporters.Alerting.Grouping;

/// <summary>
/// Events by id and by trace, bounded in number and in time: the longest unheard of make room. Guarded by the book's lock.
/// </summary>
/// <param name="limit">Events at most.</param>
/// <param name="retention">How long an event is remembered after it was last heard of.</param>
internal sealed class EventIndex(int limit, TimeSpan retention)
{
    private readonly Dictionary<string, EventEntry> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<EventEntry>> _byTrace = new(StringComparer.Ordinal);
    private readonly Queue<EventEntry> _order = new();

    /// <summary>Events remembered.</summary>
    public int Count => _byId.Count;

    /// <summary>Looks an event up.</summary>
    /// <param name="id">Its id.</param>
    public EventEntry? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>The events of a trace.</summary>
    /// <param name="traceId">The trace; none are found for an empty one.</param>
    public IReadOnlyList<EventEntry> OfTrace(string traceId) =>
        traceId.Length > 0 && _byTrace.TryGetValue(traceId, out var entries) ? entries : [];

    /// <summary>Remembers an event.</summary>
    /// <param name="entry">The event.</param>
    /// <param name="now">The time.</param>
    /// <returns>An event that had to make room before its time; null when there was room.</returns>
    public EventEntry? Add(EventEntry entry, TimeSpan now)
    {
        Expire(now);
        var evicted = _byId.Count >= limit ? RemoveOldest() : null;
        entry.QueuedAt = entry.SeenAt;
        _byId.Add(entry.Id, entry);
        _order.Enqueue(entry);
        if (entry.TraceId.Length > 0)
        {
            if (!_byTrace.TryGetValue(entry.TraceId, out var entries))
            {
                _byTrace.Add(entry.TraceId, entries = []);
            }

            entries.Add(entry);
        }

        return evicted;
    }

    // An event that was heard of again since it was put in line goes to the end of it.
    private void Expire(TimeSpan now)
    {
        while (_order.TryPeek(out var oldest))
        {
            if (oldest.SeenAt > oldest.QueuedAt)
            {
                Requeue(_order.Dequeue());
            }
            else if (oldest.SeenAt + retention <= now)
            {
                Remove(_order.Dequeue());
            }
            else
            {
                return;
            }
        }
    }

    private void Requeue(EventEntry entry)
    {
        entry.QueuedAt = entry.SeenAt;
        _order.Enqueue(entry);
    }

    private EventEntry? RemoveOldest()
    {
        if (!_order.TryDequeue(out var oldest))
        {
            return null;
        }

        Remove(oldest);
        return oldest;
    }

    private void Remove(EventEntry entry)
    {
        _byId.Remove(entry.Id);
        if (entry.TraceId.Length > 0 && _byTrace.TryGetValue(entry.TraceId, out var entries))
        {
            entries.Remove(entry);
            if (entries.Count == 0)
            {
                _byTrace.Remove(entry.TraceId);
            }
        }
    }
}
