using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Transfers;
using TelemetryPipeline.Transfers.AttributionEvents;

namespace TelemetryPipeline.Exporters.Alerting.Grouping;

/// <summary>Events with equal labels for the same receivers. Guarded by the book's lock.</summary>
internal sealed class AlertGroup
{
    private const int TracesMax = 10;
    private const int CustomersMax = 1000;
    private const int CurrenciesMax = 8;

    private readonly LinkedList<string> _traces = new();
    private readonly HashSet<string> _customers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _amounts = new(StringComparer.Ordinal);
    private readonly List<BatchWaiter> _waiters = [];
    private long _customersTold;

    /// <summary>What tells it from others.</summary>
    public required string Key { get; init; }

    /// <summary>Names it outside.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Its labels, by name.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; }

    /// <summary>A bit for each receiver.</summary>
    public required ulong Receivers { get; init; }

    /// <summary>What each receiver knows; by receiver.</summary>
    public required ToldState[] Told { get; init; }

    /// <summary>Severity for the order in which groups are told; 0 is the most urgent.</summary>
    public required int Urgency { get; init; }

    /// <summary>When its first event came.</summary>
    public required TimeSpan FirstAt { get; init; }

    /// <summary>Time of its first event.</summary>
    public required DateTimeOffset StartsAt { get; init; }

    /// <summary>Its newest event.</summary>
    public required AttributionEvent Newest { get; set; }

    /// <summary>Whether its cause goes on.</summary>
    public bool IsFiring { get; private set; } = true;

    /// <summary>When it was resolved.</summary>
    public TimeSpan ResolvedAt { get; private set; }

    /// <summary>The same as a date.</summary>
    public DateTimeOffset EndsAt { get; private set; }

    /// <summary>Counts what is worth telling.</summary>
    public long Version { get; private set; }

    /// <summary>Events so far.</summary>
    public long Count { get; set; }

    /// <summary>Events that go on.</summary>
    public int ActiveCount { get; set; }

    /// <summary>Until when it fires without another event.</summary>
    public TimeSpan ExpiresAt { get; set; }

    /// <summary>Until when events that are not remembered one by one keep it firing.</summary>
    public TimeSpan ForgottenUntil { get; set; }

    /// <summary>Whether its being muted was counted.</summary>
    public bool IsMuted { get; set; }

    /// <summary>Whether nothing is owed to any receiver for its first events.</summary>
    public bool IsToldToAll
    {
        get
        {
            for (var i = 0; i < Told.Length; i++)
            {
                if (Includes(i) && !Told[i].IsTold)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Whether some receiver was told, so that it is owed the end.</summary>
    public bool IsToldToAny => Array.Exists(Told, static t => t.IsTold);

    /// <summary>Whether a receiver is to be told.</summary>
    /// <param name="receiver">Its number.</param>
    public bool Includes(int receiver) => (Receivers >> receiver & 1) != 0;

    /// <summary>Takes in a new event.</summary>
    /// <param name="e">The event.</param>
    /// <param name="entry">Where its shares are noted.</param>
    public void Add(AttributionEvent e, EventEntry entry)
    {
        Version++;
        entry.Group = this;
        entry.Weight = e.Weight;
        Count += e.Weight;
        ActiveCount++;
        Newest = e;
        NoteDetails(e, entry);
    }

    /// <summary>Takes in what an amendment says; that alone is not worth telling.</summary>
    /// <param name="e">The event as amended.</param>
    /// <param name="entry">Its shares.</param>
    public void Amend(AttributionEvent e, EventEntry entry)
    {
        Count += e.Weight - entry.Weight;
        entry.Weight = e.Weight;
        if (Newest.EventId == e.EventId)
        {
            Newest = e;
        }

        NoteDetails(e, entry);
    }

    /// <summary>Takes an event out again, which belongs elsewhere.</summary>
    /// <param name="entry">The event.</param>
    public void Withdraw(EventEntry entry)
    {
        Count -= entry.Weight;
        AddAmount(entry.Currency, -entry.Amount);
        ActiveCount--;
        entry.Group = null;
    }

    /// <summary>It is over.</summary>
    /// <param name="now">The time on the engine's clock.</param>
    /// <param name="date">The same as a date.</param>
    public void Resolve(TimeSpan now, DateTimeOffset date)
    {
        IsFiring = false;
        ResolvedAt = now;
        EndsAt = date;
        Version++;
    }

    /// <summary>Has a batch wait until the first events are told.</summary>
    /// <param name="waiter">The batch.</param>
    public void Hold(BatchWaiter waiter)
    {
        waiter.Open();
        _waiters.Add(waiter);
    }

    /// <summary>Has another group tell what this one owes.</summary>
    /// <param name="next">The other group.</param>
    public void HandOver(AlertGroup next)
    {
        next._waiters.AddRange(_waiters);
        _waiters.Clear();
    }

    /// <summary>Lets the waiting batches go.</summary>
    /// <param name="outcome">What became of their events.</param>
    public void Release(in ConsumeResult outcome)
    {
        foreach (var waiter in _waiters)
        {
            waiter.Close(outcome);
        }

        _waiters.Clear();
    }

    /// <summary>A picture of it now.</summary>
    public Alert ToAlert() => new()
    {
        Fingerprint = Fingerprint,
        IsFiring = IsFiring,
        Labels = Labels,
        StartsAt = StartsAt,
        UpdatedAt = Newest.Time,
        EndsAt = IsFiring ? null : EndsAt,
        Count = Count,
        Newest = Newest,
        TraceIds = [.. _traces],
        Customers = Math.Max(_customers.Count, _customersTold),
        Amounts = [.. _amounts],
    };

    private void NoteDetails(AttributionEvent e, EventEntry entry)
    {
        if (e.TraceId.Length > 0 && !_traces.Contains(e.TraceId))
        {
            _traces.AddFirst(e.TraceId);
            if (_traces.Count > TracesMax)
            {
                _traces.RemoveLast();
            }
        }

        if (e.Text(BusinessKeys.CustomerId) is { Length: > 0 } customer && _customers.Count < CustomersMax)
        {
            _customers.Add(customer);
        }

        _customersTold = Math.Max(_customersTold, e.Number(AttributionKeys.ImpactCustomers));
        AddAmount(entry.Currency, -entry.Amount);
        entry.Amount = e.Number(AttributionKeys.ImpactAmount);
        entry.Currency = e.Text(AttributionKeys.ImpactCurrency);
        AddAmount(entry.Currency, entry.Amount);
    }

    private void AddAmount(string currency, long amount)
    {
        if (amount != 0 && (_amounts.ContainsKey(currency) || _amounts.Count < CurrenciesMax))
        {
            _amounts[currency] = _amounts.GetValueOrDefault(currency) + amount;
        }
    }
}
