using System.Collections.Concurrent;
using TelemetryPipeline.Attribution.Events;
using TelemetryPipeline.Attribution.Rules;

namespace TelemetryPipeline.Attribution.Windows;

/// <summary>The windows of all rules. They go on over a change of the rules where id, version and length stay the same.</summary>
/// <param name="tracesMax">Traces counted in all windows together.</param>
/// <param name="update">How often a firing event is brought up to date.</param>
/// <param name="gate">Folds repeated events.</param>
internal sealed class WindowBook(int tracesMax, TimeSpan update, RepeatGate gate)
{
    private readonly ConcurrentDictionary<(string Id, int Version), RuleWindows> _rules = [];
    private long _traces;
    private long _evicted;
    private long _tooOld;

    /// <summary>Traces counted in all windows together at most.</summary>
    public int TracesMax => tracesMax;

    /// <summary>How often a firing event is brought up to date, in milliseconds.</summary>
    public long UpdateMs { get; } = (long)update.TotalMilliseconds;

    /// <summary>Folds repeated events.</summary>
    public RepeatGate Gate => gate;

    /// <summary>Traces counted now, once for each window.</summary>
    public long TraceCount => Interlocked.Read(ref _traces);

    /// <summary>Whether some have to make room.</summary>
    public bool HasTooManyTraces => TraceCount > tracesMax;

    /// <summary>Keys that made room for others.</summary>
    public long EvictedCount => Interlocked.Read(ref _evicted);

    /// <summary>Hits that were older than their window.</summary>
    public long TooOldCount => Interlocked.Read(ref _tooOld);

    /// <summary>Keys followed now.</summary>
    public int KeyCount
    {
        get
        {
            var count = 0;
            foreach (var (_, windows) in _rules)
            {
                count += windows.Count;
            }

            return count;
        }
    }

    /// <summary>Keys that are firing.</summary>
    public int FiringCount
    {
        get
        {
            var count = 0;
            foreach (var (_, windows) in _rules)
            {
                count += windows.FiringCount;
            }

            return count;
        }
    }

    /// <summary>Follows the rules of a new set and ends the windows of those that are gone.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="output">Where the ends of their events go.</param>
    public void Renew(RuleSet rules, IEventOutput output)
    {
        var gone = new List<(string Id, int Version)>(_rules.Keys);
        foreach (var rule in rules.Rules)
        {
            if (rule.Window is null || rule.Status == RuleStatus.Off)
            {
                continue;
            }

            var key = (rule.Id, rule.Version);
            if (_rules.TryGetValue(key, out var windows) && windows.TryRenew(rule))
            {
                gone.Remove(key);
                continue;
            }

            windows?.End(output);
            gone.Remove(key);
            _rules[key] = new RuleWindows(rule, this);
        }

        foreach (var key in gone)
        {
            if (_rules.TryRemove(key, out var windows))
            {
                windows.End(output);
            }
        }
    }

    /// <summary>Counts a trace; one of a rule that is gone is not counted any more.</summary>
    /// <param name="rule">The rule that hit it.</param>
    /// <param name="key">The window's key.</param>
    /// <param name="hit">The trace.</param>
    /// <param name="sample">Makes what an event would show of it: asked only where the window may fire.</param>
    /// <param name="groupKey">The group of its events.</param>
    /// <param name="nowMs">The time in milliseconds since the Unix epoch.</param>
    /// <param name="output">Where events go.</param>
    public void Add(
        Rule rule, string key, in WindowHit hit, Func<HitSample> sample, string groupKey, long nowMs, IEventOutput output)
    {
        if (_rules.TryGetValue((rule.Id, rule.Version), out var windows))
        {
            windows.Add(key, hit, sample, groupKey, nowMs, output);
        }
    }

    /// <summary>Lets time pass.</summary>
    /// <param name="nowMs">The time in milliseconds since the Unix epoch.</param>
    /// <param name="output">Where events go.</param>
    public void Tick(long nowMs, IEventOutput output)
    {
        foreach (var (_, windows) in _rules)
        {
            windows.Tick(nowMs, output);
        }

        gate.ForgetIdle(nowMs);
    }

    /// <summary>Keeps count of the traces.</summary>
    public void CountTraces(int change) => Interlocked.Add(ref _traces, change);

    /// <summary>Counts a key that made room.</summary>
    public void CountEvicted() => Interlocked.Increment(ref _evicted);

    /// <summary>Counts a hit that was too old.</summary>
    public void CountTooOld() => Interlocked.Increment(ref _tooOld);
}
