using TelemetryPipeline.Attribution.Events;
using TelemetryPipeline.Attribution.Rules;

namespace TelemetryPipeline.Attribution.Windows;

/// <summary>Follows one key of a rule: counts, fires when there are too many for long enough, and resolves.</summary>
/// <param name="key">The key.</param>
/// <param name="within">Length of the window.</param>
/// <param name="tracesMax">Traces that are counted.</param>
internal sealed class BurstWindow(string key, TimeSpan within, int tracesMax)
{
    private const ulong NsPerMs = 1_000_000;

    private readonly SlidingWindow _window = new(within, tracesMax);
    private RuleEvent? _event;
    private HitSample? _sample;
    private string _groupKey = "";
    private long _sinceMs;
    private long _emittedMs;

    /// <summary>The key.</summary>
    public string Key => key;

    /// <summary>Its place among the keys of its rule, by use.</summary>
    public LinkedListNode<BurstWindow>? ByUse { get; set; }

    /// <summary>Its place among all keys of its rule.</summary>
    public int At { get; set; }

    /// <summary>Where it is.</summary>
    public BurstState State { get; private set; }

    /// <summary>Distinct traces counted now.</summary>
    public int Count => _window.Count;

    /// <summary>Whether nothing is left to follow.</summary>
    public bool IsIdle => State == BurstState.Quiet && Count == 0;

    /// <summary>Counts a trace.</summary>
    /// <param name="hit">The trace.</param>
    /// <param name="sample">Makes what an event would show of it: asked only where the window may fire.</param>
    /// <param name="groupKey">The group of its events.</param>
    /// <param name="firesAt">The count at which it may.</param>
    /// <param name="nowMs">The time.</param>
    /// <returns>False for one that is too old to count.</returns>
    public bool Add(in WindowHit hit, Func<HitSample> sample, string groupKey, int firesAt, long nowMs)
    {
        _window.Advance(nowMs);
        if (!_window.Add(hit))
        {
            return false;
        }

        if (Count >= firesAt && (_sample is null || hit.TimeNs >= _sample.TimeNs))
        {
            (_sample, _groupKey) = (sample(), groupKey);
        }

        return true;
    }

    /// <summary>Looks whether something has changed by a hit or by time.</summary>
    /// <param name="rule">The rule as it is now.</param>
    /// <param name="nowMs">The time.</param>
    /// <param name="updateMs">How often a firing event is brought up to date.</param>
    /// <param name="gate">Folds repeated events.</param>
    /// <param name="output">Where events go.</param>
    public void Evaluate(Rule rule, long nowMs, long updateMs, RepeatGate gate, IEventOutput output)
    {
        _window.Advance(nowMs);
        var window = rule.Window!;
        // Without a sample where a changed rule asks for fewer: the next hit brings one.
        if (State == BurstState.Quiet && Count >= window.Count && _sample is not null)
        {
            (State, _sinceMs) = (BurstState.Pending, nowMs);
        }

        if (State == BurstState.Pending)
        {
            if (Count < window.Count)
            {
                State = BurstState.Quiet;
            }
            else if (nowMs - _sinceMs >= (long)window.For.TotalMilliseconds)
            {
                State = BurstState.Firing;
                Fire(rule, nowMs, gate, output);
            }
        }
        else if (State == BurstState.Firing)
        {
            if (Count < window.ResolveBelow)
            {
                Resolve(output);
            }
            else if (_event is not null && nowMs - _emittedMs >= updateMs && _event.WindowCount != Count)
            {
                _event.Revision++;
                Emit(_event, nowMs, output);
            }
        }
    }

    /// <summary>Ends it: a firing event is resolved.</summary>
    /// <param name="output">Where events go.</param>
    public void Resolve(IEventOutput output)
    {
        State = BurstState.Quiet;
        if (_event is { } firing)
        {
            firing.Revision++;
            firing.IsResolved = true;
            firing.WindowCount = Count;
            output.Emit(firing);
        }

        _event = null;
    }

    private void Fire(Rule rule, long nowMs, RepeatGate gate, IEventOutput output)
    {
        var impact = _window.Impact;
        var folded = 0L;
        if (rule.Suppress is { For.Ticks: > 0 } && !gate.TryPassBurst(rule, _groupKey, nowMs, out folded))
        {
            return;
        }

        var sample = _sample!;
        _event = new RuleEvent
        {
            Rule = rule,
            Scope = EventScope.Window,
            Id = EventIds.OfWindow(rule, key, (ulong)_sinceMs * NsPerMs),
            TraceIdHigh = sample.TraceIdHigh,
            TraceIdLow = sample.TraceIdLow,
            Evidence = sample.Evidence,
            GroupKey = _groupKey,
            WindowKey = key,
            SuppressedCount = folded,
            TimeNs = sample.TimeNs,
            Chain = sample.Chain,
            Business = sample.Business,
            Impact = impact,
        };
        Emit(_event, nowMs, output);
    }

    private void Emit(RuleEvent attribution, long nowMs, IEventOutput output)
    {
        attribution.WindowCount = Count;
        attribution.Impact = _window.Impact;
        _emittedMs = nowMs;
        output.Emit(attribution);
    }
}
