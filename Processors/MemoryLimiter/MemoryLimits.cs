namespace TelemetryPipeline.Processors.MemoryLimiter;

/// <summary>The two thresholds, in bytes.</summary>
/// <param name="SoftBytes">Above it data is refused.</param>
/// <param name="HardBytes">Above it garbage is collected at once and the memory given back.</param>
internal readonly record struct MemoryLimits(long SoftBytes, long HardBytes)
{
    public const long BytesPerMib = 1024 * 1024;

    /// <summary>What indexes and pending changes of requests may take together: what is measured is measured too late for them.</summary>
    public long WorkingBytes => SoftBytes / 2;

    /// <summary>The thresholds of a configuration.</summary>
    /// <param name="config">The configuration; a fixed limit goes before a percentage.</param>
    /// <param name="totalBytes">Memory the process can have.</param>
    public static MemoryLimits Of(MemoryLimiterConfig config, long totalBytes)
    {
        var (limit, spike) = config.LimitMib > 0
            ? (config.LimitMib * BytesPerMib, config.SpikeLimitMib * BytesPerMib)
            : (Share(totalBytes, config.LimitPercentage), Share(totalBytes, config.SpikeLimitPercentage));
        return new MemoryLimits(limit - (spike > 0 ? spike : limit / MemoryLimiterConfig.SpikeShareDefault), limit);
    }

    // Divided first: 100 times the memory of a large machine still fits, but the order costs nothing and cannot overflow.
    private static long Share(long totalBytes, int percent) => totalBytes / 100 * percent;
}
