using TelemetryPipeline.Attribution.Events;

namespace TelemetryPipeline.Attribution.Windows;

/// <summary>
/// The distinct traces of the last so many seconds under one key. A trace counts from its newest hit on; time moves in
/// steps of a sixtieth of the window, at least a millisecond.
/// </summary>
internal sealed class SlidingWindow
{
    private const int SlotCount = 60;
    private const ulong NsPerMs = 1_000_000;

    private readonly long _slotMs;
    private readonly int _tracesMax;
    // Where keys are order numbers, nearly every window has one trace and never gets another: that one needs no tables.
    private Tables? _tables;
    private Entry _only;
    private ulong _onlyTrace;
    private bool _hasOnly;
    private MoneySum _money;
    private long _newest; // the slot of now

    /// <summary>An empty window.</summary>
    /// <param name="length">Its length.</param>
    /// <param name="tracesMax">Traces that are counted; with more, the count stays there.</param>
    public SlidingWindow(TimeSpan length, int tracesMax)
    {
        // 59 whole slots and the running one, so that nothing older than the window counts.
        _slotMs = Math.Max((long)(length.TotalMilliseconds / SlotCount), 1);
        _tracesMax = tracesMax;
    }

    /// <summary>Distinct traces in the window.</summary>
    public int Count => _tables?.Traces.Count ?? (_hasOnly ? 1 : 0);

    /// <summary>Whom they hit.</summary>
    public Impact Impact => _money.With(_tables?.Customers.Count ?? (_hasOnly && _only.Customer != 0 ? 1 : 0));

    /// <summary>Moves on; what is too old leaves.</summary>
    /// <param name="nowMs">The time in milliseconds since the Unix epoch; never goes back.</param>
    public void Advance(long nowMs)
    {
        var slot = nowMs / _slotMs;
        if (slot <= _newest)
        {
            return;
        }

        var first = Math.Max(_newest + 1, slot - SlotCount + 1);
        for (var next = first; next <= slot; next++)
        {
            Expire(next - SlotCount);
        }

        // After a long pause everything is gone, whichever slots were passed over.
        if (slot - _newest >= SlotCount)
        {
            Clear();
        }

        _newest = slot;
    }

    /// <summary>Counts a trace.</summary>
    /// <param name="hit">The trace.</param>
    /// <returns>False for one that is too old to count.</returns>
    public bool Add(in WindowHit hit)
    {
        // Ahead of this clock is now.
        var slot = Math.Min((long)(hit.TimeNs / NsPerMs) / _slotMs, _newest);
        if (slot <= _newest - SlotCount)
        {
            return false;
        }

        if (TryGet(hit.Trace, out var known))
        {
            if (known.Slot >= slot)
            {
                return true;
            }

            Leave(known);
        }
        else if (Count >= _tracesMax)
        {
            return true;
        }

        var isSummed = hit.HasAmount && _money.Add(hit.Currency, hit.Amount, 1);
        Enter(hit.Trace, new Entry(slot, hit.Customer, hit.Amount, hit.Currency, isSummed));
        return true;
    }

    private bool TryGet(ulong trace, out Entry entry)
    {
        if (_tables is not null)
        {
            return _tables.Traces.TryGetValue(trace, out entry);
        }

        entry = _only;
        return _hasOnly && _onlyTrace == trace;
    }

    private void Enter(ulong trace, in Entry entry)
    {
        if (_tables is null)
        {
            if (!_hasOnly || _onlyTrace == trace)
            {
                (_hasOnly, _onlyTrace, _only) = (true, trace, entry);
                return;
            }

            _tables = new Tables();
            _hasOnly = false;
            _tables.Enter(_onlyTrace, _only);
        }

        _tables.Enter(trace, entry);
    }

    private void Expire(long slot)
    {
        if (_tables is null)
        {
            if (_hasOnly && _only.Slot <= slot)
            {
                _hasOnly = false;
                Leave(_only);
            }

            return;
        }

        if (slot < 0 || _tables.Slots[slot % SlotCount] is not { Count: > 0 } traces)
        {
            return;
        }

        foreach (var trace in traces)
        {
            // A trace that was hit again is in a later slot by now.
            if (_tables.Traces.TryGetValue(trace, out var entry) && entry.Slot <= slot)
            {
                _tables.Traces.Remove(trace);
                Leave(entry);
            }
        }

        traces.Clear();
    }

    private void Leave(in Entry entry)
    {
        _tables?.Leave(entry);
        if (entry.IsSummed)
        {
            _money.Add(entry.Currency, entry.Amount, -1);
        }
    }

    private void Clear()
    {
        (_tables, _hasOnly, _money) = (null, false, default);
    }

    private readonly record struct Entry(long Slot, ulong Customer, long Amount, ushort Currency, bool IsSummed);

    /// <summary>Two traces and more.</summary>
    private sealed class Tables
    {
        public Dictionary<ulong, Entry> Traces { get; } = [];

        public Dictionary<ulong, int> Customers { get; } = [];

        public List<ulong>?[] Slots { get; } = new List<ulong>?[SlotCount];

        public void Enter(ulong trace, in Entry entry)
        {
            Traces[trace] = entry;
            (Slots[entry.Slot % SlotCount] ??= []).Add(trace);
            if (entry.Customer != 0)
            {
                Customers[entry.Customer] = Customers.GetValueOrDefault(entry.Customer) + 1;
            }
        }

        public void Leave(in Entry entry)
        {
            if (entry.Customer == 0)
            {
                return;
            }

            var rest = Customers[entry.Customer] - 1;
            if (rest == 0)
            {
                Customers.Remove(entry.Customer);
            }
            else
            {
                Customers[entry.Customer] = rest;
            }
        }
    }
}
