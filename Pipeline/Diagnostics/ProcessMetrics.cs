using System.Globalization;

namespace TelemetryPipeline.Pipeline.Diagnostics;

/// <summary>The metrics of the process itself, under the Collector's names.</summary>
internal static class ProcessMetrics
{
    /// <summary>Adds them to a registry; each is read when the page is asked for.</summary>
    /// <param name="metrics">The registry.</param>
    /// <param name="time">The clock for the time since the start.</param>
    public static void AddTo(MetricRegistry metrics, TimeProvider time)
    {
        var start = time.GetTimestamp();
        metrics.ObservedCounter(
            "otelcol_process_uptime", "Uptime of the process in seconds.", () => time.GetElapsedTime(start).TotalSeconds);
        metrics.ObservedCounter(
            "otelcol_process_cpu_seconds",
            "Total CPU user and system time in seconds.",
            static () => Environment.CpuUsage.TotalTime.TotalSeconds);
        metrics.Gauge("otelcol_process_memory_rss", "Total physical memory (resident set size) in bytes.", static () => ResidentBytes());
        metrics.Gauge(
            "otelcol_process_runtime_heap_alloc_bytes",
            "Bytes of managed heap objects, those not yet collected included.",
            static () => GC.GetTotalMemory(forceFullCollection: false));
        metrics.ObservedCounter(
            "otelcol_process_runtime_total_alloc_bytes",
            "Cumulative bytes allocated for managed heap objects.",
            static () => GC.GetTotalAllocatedBytes());
        metrics.Gauge(
            "otelcol_process_runtime_total_sys_memory_bytes",
            "Bytes of memory the runtime has committed for its managed heap.",
            static () => GC.GetGCMemoryInfo().TotalCommittedBytes);
    }

    // Process.WorkingSet64 builds a whole snapshot of the process; on Linux one small file has the figure.
    private static double ResidentBytes()
    {
        if (!OperatingSystem.IsLinux())
        {
            return Environment.WorkingSet;
        }

        // Pages: total, resident, shared and so on (proc(5)).
        var fields = File.ReadAllText("/proc/self/statm").Split(' ');
        return double.Parse(fields[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
    }
}
