using Microsoft.Extensions.Logging;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;

namespace TelemetryPipeline.Processors.MemoryLimiter;

/// <summary>
/// Measures the process on a timer and decides whether data is refused. One for all processors of one configuration,
/// started by the first of them and stopped by the last.
/// </summary>
internal sealed partial class MemoryMonitor
{
    private readonly Lock _gate = new();
    private readonly MemoryLimiterConfig _config;
    private readonly MemoryLimits _limits;
    private readonly TimeProvider _time;
    private readonly BackgroundWork _background;
    private readonly Func<MemoryReading> _measure;
    private readonly Action _collect;
    private readonly WorkingMemory? _working;
    private readonly ILogger _log;
    private readonly GcBackOff _softBackOff;
    private readonly GcBackOff _hardBackOff;

    // Guarded by the gate.
    private ITimer? _timer;
    private int _users;
    private long _collectedAt;
    private bool _everCollected;

    private volatile bool _refusing;

    public MemoryMonitor(
        MemoryLimiterConfig config,
        long totalBytes,
        TimeProvider time,
        BackgroundWork background,
        ILogger log,
        Func<MemoryReading> measure,
        Action collect,
        WorkingMemory? working = null)
    {
        _working = working;
        _config = config;
        _limits = MemoryLimits.Of(config, totalBytes);
        _time = time;
        _background = background;
        _log = log;
        _measure = measure;
        _collect = collect;
        _softBackOff = new GcBackOff(
            config.MinGcIntervalWhenSoftLimited, config.MaxGcIntervalWhenSoftLimited, config.CheckInterval);
        _hardBackOff = new GcBackOff(
            config.MinGcIntervalWhenHardLimited, config.MaxGcIntervalWhenHardLimited, config.CheckInterval);
    }

    /// <summary>Whether data is to be refused. One volatile read.</summary>
    public bool Refuses => _refusing;

    /// <summary>The thresholds.</summary>
    public MemoryLimits Limits => _limits;

    /// <summary>Adds a user; the first starts the timer.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_users++ == 0)
            {
                _working?.AddLimit(_limits.WorkingBytes);
                LogConfigured(
                    _limits.HardBytes / MemoryLimits.BytesPerMib,
                    (_limits.HardBytes - _limits.SoftBytes) / MemoryLimits.BytesPerMib,
                    _config.CheckInterval);
                _timer = _background.CreateTimer("memory_check", Check, _config.CheckInterval, _config.CheckInterval);
            }
        }
    }

    /// <summary>Removes a user; the last stops the timer.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            if (--_users == 0)
            {
                _timer?.Dispose();
                _timer = null;
                _working?.RemoveLimit(_limits.WorkingBytes);
                _refusing = false;
            }
        }
    }

    /// <summary>Gives everything that is not needed back to the operating system.</summary>
    public static void CollectGarbage()
    {
        PinnedArrayPool.Process.Trim();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    // A check that takes longer than the interval makes the next ones leave at once instead of queueing up.
    private void Check()
    {
        if (!_gate.TryEnter())
        {
            return;
        }

        try
        {
            if (_timer is not null)
            {
                Decide();
            }
        }
        finally
        {
            _gate.Exit();
        }
    }

    private void Decide()
    {
        var reading = _measure();
        if (AboveHard(reading))
        {
            reading = CollectWithin(_hardBackOff, reading, hard: true);
        }
        else if (AboveSoft(reading))
        {
            reading = CollectWithin(_softBackOff, reading, hard: false);
        }

        var refuse = AboveSoft(reading) || AboveHard(reading);
        if (refuse != _refusing)
        {
            _refusing = refuse;
            LogState(refuse, reading);
        }

        if (!refuse)
        {
            _softBackOff.Note(helped: true);
            _hardBackOff.Note(helped: true);
        }
    }

    private MemoryReading CollectWithin(GcBackOff backOff, MemoryReading before, bool hard)
    {
        if (_everCollected && !backOff.Allows(_time.GetElapsedTime(_collectedAt)))
        {
            return before;
        }

        LogCollecting(hard ? "hard" : "soft", Mib(before.ResidentBytes), Mib(before.InUseBytes));
        _collect();
        _collectedAt = _time.GetTimestamp();
        _everCollected = true;
        var after = _measure();
        backOff.Note(helped: hard ? !AboveHard(after) : !AboveSoft(after));
        LogCollected(Mib(after.ResidentBytes), Mib(after.InUseBytes));
        return after;
    }

    private bool AboveSoft(MemoryReading reading) => reading.InUseBytes >= _limits.SoftBytes;

    private bool AboveHard(MemoryReading reading) => reading.ResidentBytes >= _limits.HardBytes;

    private static long Mib(long bytes) => bytes / MemoryLimits.BytesPerMib;
}
