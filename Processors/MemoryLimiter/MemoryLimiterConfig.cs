using TelemetryPipeline.Pipeline.Configuration;

namespace TelemetryPipeline.Processors.MemoryLimiter;

/// <summary>Options of the <c>memory_limiter</c> processor, with the Collector's keys and defaults.</summary>
public sealed record MemoryLimiterConfig
{
    /// <summary>Spike allowance as a share of the limit where none is set.</summary>
    internal const int SpikeShareDefault = 5;

    private const int MibMax = int.MaxValue;
    private const int PercentageMax = 100;

    /// <summary>Time between two measurements.</summary>
    /// <value>Duration, more than 0. No default: 0 is an error.</value>
    public TimeSpan CheckInterval { get; init; }

    /// <summary>Memory the process may use.</summary>
    /// <value>MiB, 0 or more; 0 leaves it to <see cref="LimitPercentage"/>. Default 0.</value>
    public int LimitMib { get; init; }

    /// <summary>Growth expected between two measurements.</summary>
    /// <value>MiB, less than the limit; 0 means a fifth of the limit. Default 0.</value>
    public int SpikeLimitMib { get; init; }

    /// <summary>Memory the process may use, as a share of the memory it can have.</summary>
    /// <value>Percent, 0 to 100; only used where <see cref="LimitMib"/> is 0. Default 0.</value>
    public int LimitPercentage { get; init; }

    /// <summary>Growth expected between two measurements, as a share of the memory the process can have.</summary>
    /// <value>Percent, less than <see cref="LimitPercentage"/>; 0 means a fifth of the limit. Default 0.</value>
    public int SpikeLimitPercentage { get; init; }

    /// <summary>Least time between two forced collections above the soft limit.</summary>
    /// <value>Duration, 0 or more. Default 10 s.</value>
    public TimeSpan MinGcIntervalWhenSoftLimited { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Least time between two forced collections above the hard limit.</summary>
    /// <value>Duration, 0 or more. Default 0.</value>
    public TimeSpan MinGcIntervalWhenHardLimited { get; init; }

    /// <summary>What the time between collections above the soft limit grows to while they free little.</summary>
    /// <value>Duration, 0 or more. Default 30 s.</value>
    public TimeSpan MaxGcIntervalWhenSoftLimited { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What the time between collections above the hard limit grows to while they free little.</summary>
    /// <value>Duration, 0 or more. Default 30 s.</value>
    public TimeSpan MaxGcIntervalWhenHardLimited { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Reads and validates the section.</summary>
    /// <param name="section">The component's section.</param>
    internal static MemoryLimiterConfig Read(ConfigSection section)
    {
        var defaults = new MemoryLimiterConfig();
        var config = new MemoryLimiterConfig
        {
            CheckInterval = section.Duration("check_interval", TimeSpan.Zero),
            LimitMib = section.Int32("limit_mib", 0, 0, MibMax),
            SpikeLimitMib = section.Int32("spike_limit_mib", 0, 0, MibMax),
            LimitPercentage = section.Int32("limit_percentage", 0, 0, PercentageMax),
            SpikeLimitPercentage = section.Int32("spike_limit_percentage", 0, 0, PercentageMax),
            MinGcIntervalWhenSoftLimited = section.Duration(
                "min_gc_interval_when_soft_limited", defaults.MinGcIntervalWhenSoftLimited),
            MinGcIntervalWhenHardLimited = section.Duration(
                "min_gc_interval_when_hard_limited", defaults.MinGcIntervalWhenHardLimited),
            MaxGcIntervalWhenSoftLimited = section.Duration(
                "max_gc_interval_when_soft_limited", defaults.MaxGcIntervalWhenSoftLimited),
            MaxGcIntervalWhenHardLimited = section.Duration(
                "max_gc_interval_when_hard_limited", defaults.MaxGcIntervalWhenHardLimited),
        };
        config.Validate(section);
        return config;
    }

    private void Validate(ConfigSection section)
    {
        if (CheckInterval <= TimeSpan.Zero)
        {
            section.Error("check_interval", $"'check_interval' must be greater than zero, got {GoDuration.Format(CheckInterval)}; 1s is recommended");
        }

        if (LimitMib == 0 && LimitPercentage == 0)
        {
            section.Error("limit_mib", "'limit_mib' or 'limit_percentage' must be greater than zero");
        }

        if (LimitMib > 0 && SpikeLimitMib >= LimitMib)
        {
            section.Error("spike_limit_mib", $"'spike_limit_mib' must be smaller than 'limit_mib' ({LimitMib}), got {SpikeLimitMib}");
        }

        if (LimitPercentage > 0 && SpikeLimitPercentage >= LimitPercentage)
        {
            section.Error(
                "spike_limit_percentage",
                $"'spike_limit_percentage' must be smaller than 'limit_percentage' ({LimitPercentage}), got {SpikeLimitPercentage}");
        }

        if (MinGcIntervalWhenSoftLimited < MinGcIntervalWhenHardLimited)
        {
            section.Error(
                "min_gc_interval_when_soft_limited",
                "'min_gc_interval_when_soft_limited' should be larger than 'min_gc_interval_when_hard_limited' "
                + $"({GoDuration.Format(MinGcIntervalWhenHardLimited)}), got {GoDuration.Format(MinGcIntervalWhenSoftLimited)}");
        }

        ValidateGrowth(section, "soft", MinGcIntervalWhenSoftLimited, MaxGcIntervalWhenSoftLimited);
        ValidateGrowth(section, "hard", MinGcIntervalWhenHardLimited, MaxGcIntervalWhenHardLimited);
    }

    private static void ValidateGrowth(ConfigSection section, string limit, TimeSpan min, TimeSpan max)
    {
        if (max < min)
        {
            section.Error(
                $"max_gc_interval_when_{limit}_limited",
                $"'max_gc_interval_when_{limit}_limited' must not be smaller than 'min_gc_interval_when_{limit}_limited' "
                + $"({GoDuration.Format(min)}), got {GoDuration.Format(max)}");
        }
    }
}
