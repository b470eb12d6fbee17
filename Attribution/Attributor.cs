using TelemetryPipeline.Attribution.Baselines;
using TelemetryPipeline.Attribution.Events;
using TelemetryPipeline.Attribution.Evaluation;
using TelemetryPipeline.Attribution.Rules;
using TelemetryPipeline.Otlp;

namespace TelemetryPipeline.Attribution;

/// <summary>
/// Attributes failures: takes batches of spans and gives back the events they lead to as OTLP logs. The connector runs it;
/// a rule test feeds it with a clock of its own, and gets the same events each time.
/// </summary>
/// <remarks>
/// <see cref="Take"/> is thread-safe. <see cref="Tick"/>, <see cref="Flush"/> and <see cref="Use"/> may run beside it,
/// but one at a time.
/// </remarks>
internal sealed class Attributor
{
    private const long WindowsTickMs = 500;

    private readonly AttributionParts _parts;
    private readonly TimeProvider _time;
    private readonly TraceIntake?[] _idle;
    private readonly TraceIntake _timer;
    private readonly Lock _listing = new();
    private readonly long _startTimestamp;
    private TraceIntake[] _intakes = [];
    private int _generations;
    private long _sliceMs;
    private long _windowsMs;

    /// <summary>An attributor without rules: <see cref="Use"/> comes first.</summary>
    /// <param name="settings">Bounds and times.</param>
    /// <param name="time">The clock.</param>
    /// <param name="metrics">What is counted.</param>
    public Attributor(AttributionSettings settings, TimeProvider time, EvaluationMetrics metrics)
    {
        _parts = new AttributionParts(settings, metrics);
        _time = time;
        _startTimestamp = time.GetTimestamp();
        _idle = new TraceIntake?[Environment.ProcessorCount * 2];
        _timer = NewIntake();
        _sliceMs = NowMs;
    }

    /// <summary>The rules in force.</summary>
    public RuleSet Rules => _parts.Generations.Current.Rules;

    /// <summary>What each of them has done, by its index.</summary>
    public RuleStats[] Stats => _parts.Generations.Current.Stats;

    /// <summary>What all threads share.</summary>
    public AttributionParts Parts => _parts;

    /// <summary>Sets of rules that traces are still evaluated by, the one in force included.</summary>
    public int GenerationCount => _parts.Generations.Count;

    /// <summary>Called with each event, on the thread that made it; null for nobody.</summary>
    public Action<RuleEvent>? Observer { get; set; }

    // Runs evenly, whatever is done to the clock on the wall.
    private long NowMs => (long)_time.GetElapsedTime(_startTimestamp).TotalMilliseconds;

    private ulong WallNs => (ulong)(_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>Puts rules in force for traces that open from now on; those that are open stay with theirs.</summary>
    /// <param name="rules">The rules.</param>
    /// <returns>Events that end bursts of rules that are gone: a chunk with one reference, the caller's; null for none.</returns>
    public OtlpChunk? Use(RuleSet rules)
    {
        var stats = new RuleStats[rules.Rules.Count];
        foreach (var rule in rules.Rules)
        {
            stats[rule.Index] = _parts.Metrics.StatsOf(rule);
        }

        _parts.Generations.Begin(new RuleGeneration(++_generations, rules, stats, _parts.Shards.Length, _parts.Budget));
        _timer.Events.ObservedNs = WallNs;
        _parts.Windows.Renew(rules, _timer.Output);
        return _timer.Events.Take();
    }

    /// <summary>Takes spans.</summary>
    /// <param name="batch">The batch.</param>
    /// <returns>The events they led to at once: a chunk with one reference, the caller's; null for none.</returns>
    public OtlpChunk? Take(OtlpBatch batch)
    {
        var intake = Rent();
        try
        {
            intake.Take(batch, NowMs, WallNs);
            return intake.Events.Take();
        }
        finally
        {
            Return(intake);
        }
    }

    /// <summary>Lets time pass: decides what is due, and moves windows and baselines on.</summary>
    /// <returns>The events that came of it: a chunk with one reference, the caller's; null for none.</returns>
    public OtlpChunk? Tick()
    {
        var (nowMs, wallNs) = (NowMs, WallNs);
        foreach (var shard in _parts.Shards)
        {
            while (_timer.DecideDue(shard, nowMs, wallNs))
            {
                // others may have the shard in between
            }
        }

        if (nowMs - _windowsMs >= WindowsTickMs)
        {
            _windowsMs = nowMs;
            _timer.Events.ObservedNs = wallNs;
            _parts.Windows.Tick((long)(wallNs / 1_000_000), _timer.Output);
        }

        if (nowMs - _sliceMs >= LatencyHistory.SliceMs)
        {
            _sliceMs = nowMs;
            EndSlice();
        }

        _parts.Generations.Prune(IsHeld);
        return _timer.Events.Take();
    }

    /// <summary>Decides all that is open, as at the end.</summary>
    /// <returns>The events that came of it: a chunk with one reference, the caller's; null for none.</returns>
    public OtlpChunk? Flush()
    {
        foreach (var shard in _parts.Shards)
        {
            while (_timer.DecideAll(shard, NowMs, WallNs))
            {
                // until nothing is left
            }
        }

        return _timer.Events.Take();
    }

    private void EndSlice()
    {
        for (var i = 0; i < _parts.Shards.Length; i++)
        {
            lock (_parts.Shards[i].Gate)
            {
                _parts.Latencies[i].MoveTo(_parts.History.Newest);
            }
        }

        _parts.History.EndSlice();
    }

    private bool IsHeld(RuleGeneration generation)
    {
        foreach (var intake in Volatile.Read(ref _intakes))
        {
            if (intake.Held == generation)
            {
                return true;
            }
        }

        return false;
    }

    private TraceIntake NewIntake()
    {
        var intake = new TraceIntake(_parts);
        intake.Events.Observer = attribution => Observer?.Invoke(attribution);
        lock (_listing)
        {
            Volatile.Write(ref _intakes, [.. _intakes, intake]);
        }

        return intake;
    }

    private TraceIntake Rent()
    {
        var at = Thread.GetCurrentProcessorId();
        for (var tried = 0; tried < _idle.Length; tried++)
        {
            ref var place = ref _idle[(at + tried) % _idle.Length];
            if (Volatile.Read(ref place) is not null && Interlocked.Exchange(ref place, null) is { } intake)
            {
                return intake;
            }
        }

        return NewIntake();
    }

    private void Return(TraceIntake intake)
    {
        var at = Thread.GetCurrentProcessorId();
        for (var tried = 0; tried < _idle.Length; tried++)
        {
            ref var place = ref _idle[(at + tried) % _idle.Length];
            if (Volatile.Read(ref place) is null && Interlocked.CompareExchange(ref place, intake, null) is null)
            {
                return;
            }
        }

        Drop(intake);
    }

    // More threads than places: it is not kept.
    private void Drop(TraceIntake intake)
    {
        lock (_listing)
        {
            Volatile.Write(ref _intakes, Array.FindAll(_intakes, other => other != intake));
        }

        intake.Dispose();
    }
}
