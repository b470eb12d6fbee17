using TelemetryPipeline.Attribution.Events;
using TelemetryPipeline.Attribution.Rules;

namespace TelemetryPipeline.Attribution.Windows;

/// <summary>
/// Folds hits of a group that follow an event within the rule's time into the next event: counts them and whom they hit.
/// Groups are bounded; the one longest unused makes room. Thread-safe.
/// </summary>
/// <param name="groupsMax">Groups that are followed.</param>
internal sealed class RepeatGate(int groupsMax)
{
    private const long KeptMs = 3_600_000; // after the time is over, for the count of what was folded

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Rule, int Version, string Group), LinkedListNode<Entry>> _groups = [];
    private readonly LinkedList<Entry> _byUse = [];
    private long _evicted;

    /// <summary>Groups that are followed now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _groups.Count;
            }
        }
    }

    /// <summary>Groups that made room for others.</summary>
    public long EvictedCount => Interlocked.Read(ref _evicted);

    /// <summary>Whether a hit becomes an event of its own.</summary>
    /// <param name="rule">The rule, which has a time for this.</param>
    /// <param name="group">The group.</param>
    /// <param name="nowMs">The time.</param>
    /// <param name="hit">Whom it hit.</param>
    /// <param name="folded">For an event: the hits folded since the last one.</param>
    /// <param name="impact">For an event: whom all of them hit.</param>
    public bool TryPass(Rule rule, string group, long nowMs, in WindowHit hit, out long folded, out Impact impact)
    {
        lock (_lock)
        {
            var entry = EntryOf(rule, group);
            entry.Customers.Add(hit.Customer);
            if (hit.HasAmount)
            {
                entry.Money.Add(hit.Currency, hit.Amount, 1);
            }

            (folded, impact) = (entry.Folded, entry.Money.With(entry.Customers.Value));
            if (nowMs < entry.UntilMs)
            {
                entry.Folded++;
                return false;
            }

            entry.Begin(nowMs + (long)rule.Suppress!.For.TotalMilliseconds);
            return true;
        }
    }

    /// <summary>Whether a burst becomes an event.</summary>
    /// <param name="rule">The rule, which has a time for this.</param>
    /// <param name="group">The group.</param>
    /// <param name="nowMs">The time.</param>
    /// <param name="folded">For an event: the bursts folded since the last one.</param>
    public bool TryPassBurst(Rule rule, string group, long nowMs, out long folded) =>
        TryPass(rule, group, nowMs, default, out folded, out _);

    /// <summary>Forgets groups that have been out of use for an hour.</summary>
    /// <param name="nowMs">The time.</param>
    public void ForgetIdle(long nowMs)
    {
        lock (_lock)
        {
            while (_byUse.First is { } first && first.Value.UntilMs + KeptMs <= nowMs)
            {
                _byUse.RemoveFirst();
                _groups.Remove(first.Value.Key);
            }
        }
    }

    private Entry EntryOf(Rule rule, string group)
    {
        var key = (rule.Id, rule.Version, group);
        if (_groups.TryGetValue(key, out var node))
        {
            _byUse.Remove(node);
            _byUse.AddLast(node);
            return node.Value;
        }

        if (_groups.Count >= groupsMax)
        {
            _groups.Remove(_byUse.First!.Value.Key);
            _byUse.RemoveFirst();
            Interlocked.Increment(ref _evicted);
        }

        var entry = new Entry(key);
        _groups[key] = _byUse.AddLast(entry);
        return entry;
    }

    private sealed class Entry((string Rule, int Version, string Group) key)
    {
        public MoneySum Money;

        public (string Rule, int Version, string Group) Key => key;

        public CustomerCount Customers { get; private set; } = new();

        public long UntilMs { get; private set; }

        public long Folded { get; set; }

        public void Begin(long untilMs)
        {
            (UntilMs, Folded, Money, Customers) = (untilMs, 0, default, new CustomerCount());
        }
    }
}
