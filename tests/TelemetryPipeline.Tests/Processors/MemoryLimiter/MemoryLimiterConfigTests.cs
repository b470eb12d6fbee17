using TelemetryPipeline.Pipeline.Configuration;
using TelemetryPipeline.Processors.MemoryLimiter;

namespace TelemetryPipeline.Tests.Processors.MemoryLimiter;

public sealed class MemoryLimiterConfigTests
{
    private readonly MemoryLimiterFactory _factory = new();

    [Fact]
    public void ReadConfig_IntervalAndLimit_GivesTheCollectorsDefaults()
    {
        var config = ProcessorHarness.Config<MemoryLimiterConfig>(
            _factory, Nodes.Map(("check_interval", "1s"), ("limit_mib", 500)));
        Assert.Equal(TimeSpan.FromSeconds(10), config.MinGcIntervalWhenSoftLimited);
        Assert.Equal(TimeSpan.Zero, config.MinGcIntervalWhenHardLimited);
        Assert.Equal(TimeSpan.FromSeconds(30), config.MaxGcIntervalWhenSoftLimited);
        Assert.Equal(TimeSpan.FromSeconds(30), config.MaxGcIntervalWhenHardLimited);
        Assert.Equal(new MemoryLimits(400L << 20, 500L << 20), MemoryLimits.Of(config, 1L << 40));
    }

    [Fact]
    public void Limits_Percentage_AreOfTheTotal()
    {
        var config = new MemoryLimiterConfig { LimitPercentage = 80, SpikeLimitPercentage = 20 };
        Assert.Equal(new MemoryLimits(600, 800), MemoryLimits.Of(config, 1000));
    }

    [Fact]
    public void ReadConfig_Nothing_IsRefusedWithAdvice() => Rejects(
        null,
        "check_interval: 'check_interval' must be greater than zero, got 0s; 1s is recommended",
        "limit_mib: 'limit_mib' or 'limit_percentage' must be greater than zero");

    [Fact]
    public void ReadConfig_SpikeNotBelowLimit_IsRefused() => Rejects(
        Nodes.Map(("check_interval", "1s"), ("limit_mib", 100), ("spike_limit_mib", 100)),
        "spike_limit_mib: 'spike_limit_mib' must be smaller than 'limit_mib' (100), got 100");

    [Fact]
    public void ReadConfig_PercentageAboveHundred_IsRefused() => Rejects(
        Nodes.Map(("check_interval", "1s"), ("limit_mib", 100), ("limit_percentage", 101)),
        "limit_percentage: must be a whole number from 0 to 100, got 101");

    [Fact]
    public void ReadConfig_SpikePercentageNotBelowLimit_IsRefused() => Rejects(
        Nodes.Map(("check_interval", "1s"), ("limit_percentage", 50), ("spike_limit_percentage", 60)),
        "spike_limit_percentage: 'spike_limit_percentage' must be smaller than 'limit_percentage' (50), got 60");

    [Fact]
    public void ReadConfig_SoftIntervalBelowHard_IsRefused() => Rejects(
        Nodes.Map(("check_interval", "1s"), ("limit_mib", 100), ("min_gc_interval_when_hard_limited", "20s")),
        "min_gc_interval_when_soft_limited: 'min_gc_interval_when_soft_limited' should be larger than "
        + "'min_gc_interval_when_hard_limited' (20s), got 10s");

    private void Rejects(ConfigNode? settings, params string[] problems)
    {
        var (_, errors) = ProcessorHarness.Read(_factory, settings);
        var texts = new List<string>();
        foreach (var error in errors)
        {
            texts.Add(error.ToString());
        }

        Assert.Equal(Array.ConvertAll(problems, p => $"test.yaml:1:1: processors::memory_limiter::{p}"), texts);
    }
}
