using Microsoft.Extensions.Logging;

namespace TelemetryPipeline.Processors.MemoryLimiter;

internal sealed partial class MemoryMonitor
{
    private void LogState(bool refuses, MemoryReading reading)
    {
        if (refuses)
        {
            LogRefusing(Mib(reading.InUseBytes), Mib(reading.ResidentBytes), Mib(_limits.SoftBytes));
        }
        else
        {
            LogResumed(Mib(reading.InUseBytes), Mib(reading.ResidentBytes));
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Memory limiter configured: limit {LimitMib} MiB, spike limit {SpikeLimitMib} MiB, check interval {CheckInterval}")]
    private partial void LogConfigured(long limitMib, long spikeLimitMib, TimeSpan checkInterval);

    [LoggerMessage(Level = LogLevel.Information, Message = "Memory usage is above the {Limit} limit: {ResidentMib} MiB resident, {InUseMib} MiB in use; forcing a garbage "
        + "collection")]
    private partial void LogCollecting(string limit, long residentMib, long inUseMib);

    [LoggerMessage(Level = LogLevel.Information, Message = "Memory usage after the garbage collection: {ResidentMib} MiB resident, {InUseMib} MiB in use")]
    private partial void LogCollected(long residentMib, long inUseMib);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Memory usage is above the soft limit: {InUseMib} MiB in use, {ResidentMib} MiB resident, soft limit {SoftMib} "
        + "MiB; refusing data")]
    private partial void LogRefusing(long inUseMib, long residentMib, long softMib);

    [LoggerMessage(Level = LogLevel.Information, Message = "Memory usage is back within limits: {InUseMib} MiB in use, {ResidentMib} MiB resident; resuming normal operation")]
    private partial void LogResumed(long inUseMib, long residentMib);
}
