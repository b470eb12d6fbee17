using TelemetryPipeline.Attribution.Events;
using TelemetryPipeline.Attribution.Rules;

namespace TelemetryPipeline.Attribution.Windows;

/// <summary>All windows of one rule. Thread-safe.</summary>
/// <param name="rule">The rule.</param>
/// <param name="book">What all rules share.</param>
internal sealed class RuleWindows(Rule rule, WindowBook book)
{
    // Windows that are looked at before others may have the lock: hits must not wait for all of them.
    private const int TickWindows = 128;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, BurstWindow> _windows = new(StringComparer.Ordinal);
    private readonly LinkedList<BurstWindow> _byUse = [];
    private readonly List<BurstWindow> _all = [];
    private Rule _rule = rule;

    /// <summary>Keys that are followed.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _windows.Count;
            }
        }
    }

    /// <summary>Keys that are firing.</summary>
    public int FiringCount
    {
        get
        {
            lock (_lock)
            {
                var firing = 0;
                foreach (var window in _byUse)
                {
                    firing += window.State == BurstState.Firing ? 1 : 0;
                }

                return firing;
            }
        }
    }

    /// <summary>Goes on under the same rule of a new set.</summary>
    /// <param name="renewed">The rule.</param>
    /// <returns>False when its windows are of another length, so that the counts mean nothing for it.</returns>
    public bool TryRenew(Rule renewed)
    {
        lock (_lock)
        {
            if (renewed.Window is null || renewed.Window.Within != _rule.Window!.Within)
            {
                return false;
            }

            _rule = renewed;
            return true;
        }
    }

    /// <summary>Counts a trace.</summary>
    public void Add(string key, in WindowHit hit, Func<HitSample> sample, string groupKey, long nowMs, IEventOutput output)
    {
        lock (_lock)
        {
            var window = WindowOf(key, output);
            var before = window.Count;
            if (!window.Add(hit, sample, groupKey, _rule.Window!.Count, nowMs))
            {
                book.CountTooOld();
            }

            book.CountTraces(window.Count - before);
            Evaluate(window, nowMs, output);
            while (book.HasTooManyTraces && _byUse.First!.Value != window)
            {
                Evict(output);
            }
        }
    }

    /// <summary>Lets time pass.</summary>
    public void Tick(long nowMs, IEventOutput output)
    {
        var at = int.MaxValue;
        do
        {
            lock (_lock)
            {
                at = Math.Min(at, _all.Count);
                for (var done = 0; done < TickWindows && at > 0; done++)
                {
                    var window = _all[--at];
                    Evaluate(window, nowMs, output);
                    if (window.IsIdle)
                    {
                        Remove(window);
                    }
                }
            }
        }
        while (at > 0);
    }

    /// <summary>Ends all windows, since their rule is gone.</summary>
    public void End(IEventOutput output)
    {
        lock (_lock)
        {
            while (_byUse.First is { } first)
            {
                first.Value.Resolve(output);
                Remove(first.Value);
            }
        }
    }

    private void Evaluate(BurstWindow window, long nowMs, IEventOutput output)
    {
        var before = window.Count;
        window.Evaluate(_rule, nowMs, book.UpdateMs, book.Gate, output);
        book.CountTraces(window.Count - before);
    }

    private BurstWindow WindowOf(string key, IEventOutput output)
    {
        if (_windows.TryGetValue(key, out var window))
        {
            _byUse.Remove(window.ByUse!);
            _byUse.AddLast(window.ByUse!);
            return window;
        }

        while (_windows.Count >= _rule.Window!.MaxKeys)
        {
            Evict(output);
        }

        window = new BurstWindow(key, _rule.Window.Within, book.TracesMax);
        window.ByUse = _byUse.AddLast(window);
        window.At = _all.Count;
        _all.Add(window);
        _windows.Add(key, window);
        return window;
    }

    private void Evict(IEventOutput output)
    {
        var oldest = _byUse.First!.Value;
        oldest.Resolve(output);
        Remove(oldest);
        book.CountEvicted();
    }

    private void Remove(BurstWindow window)
    {
        book.CountTraces(-window.Count);
        _byUse.Remove(window.ByUse!);
        _windows.Remove(window.Key);

        // The last one takes its place.
        _all[window.At] = _all[^1];
        _all[window.At].At = window.At;
        _all.RemoveAt(_all.Count - 1);
    }
}
