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
    private readonly Dictionary<ulong, Entry> _traces = [];
    private readonly Dictionary<ulong, int> _customers = [];
    private readonly List<ulong>?[] _slots = new List<ulong>?[SlotCount];
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
    public int Count => _traces.Count;

    /// <summary>Whom they hit.</summary>
    public Impact Impact => _money.With(_customers.Count);

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

        if (_traces.TryGetValue(hit.Trace, out var known))
        {
            if (known.Slot >= slot)
            {
                return true;
            }

            Leave(known);
        }
        else if (_traces.Count >= _tracesMax)
        {
            return true;
        }

        var isSummed = hit.HasAmount && _money.Add(hit.Currency, hit.Amount, 1);
        var entry = new Entry(slot, hit.Customer, hit.Amount, hit.Currency, isSummed);
        _traces[hit.Trace] = entry;
        (_slots[slot % SlotCount] ??= []).Add(hit.Trace);
        if (entry.Customer != 0)
        {
            _customers[entry.Customer] = _customers.GetValueOrDefault(entry.Customer) + 1;
        }

        return true;
    }

    private void Expire(long slot)
    {
        if (slot < 0 || _slots[slot % SlotCount] is not { Count: > 0 } traces)
        {
            return;
        }

        foreach (var trace in traces)
        {
            // A trace that was hit again is in a later slot by now.
            if (_traces.TryGetValue(trace, out var entry) && entry.Slot <= slot)
            {
                _traces.Remove(trace);
                Leave(entry);
            }
        }

        traces.Clear();
    }

    private void Leave(in Entry entry)
    {
        if (entry.Customer != 0)
        {
            var rest = _customers[entry.Customer] - 1;
            if (rest == 0)
            {
                _customers.Remove(entry.Customer);
            }
            else
            {
                _customers[entry.Customer] = rest;
            }
        }

        if (entry.IsSummed)
        {
            _money.Add(entry.Currency, entry.Amount, -1);
        }
    }

    private void Clear()
    {
        _traces.Clear();
        _customers.Clear();
        _money = default;
        foreach (var slot in _slots)
        {
            slot?.Clear();
        }
    }

    private readonly record struct Entry(long Slot, ulong Customer, long Amount, ushort Currency, bool IsSummed);
}
