namespace TelemetryPipeline.Processors.MemoryLimiter;

/// <summary>What the process uses at one moment, in bytes.</summary>
/// <param name="ResidentBytes">Physical memory the process occupies: what the kernel's out-of-memory killer goes by.</param>
/// <param name="InUseBytes">The same without the pages the garbage collector holds but has nothing in: they are used before new ones are taken.</param>
internal readonly record struct MemoryReading(long ResidentBytes, long InUseBytes)
{
    /// <summary>Measures the process.</summary>
    /// <remarks>
    /// The heap's size alone misses what is native (TLS, compression, the runtime itself); the resident size alone counts
    /// the collector's spare pages, which it gives back late, so that a limiter going by it would refuse long after the
    /// memory is free. The committed size is that of the last collection: pages taken since count as used, which errs
    /// on the safe side.
    /// </remarks>
    public static MemoryReading Now()
    {
        var resident = Environment.WorkingSet;
        var heap = GC.GetTotalMemory(forceFullCollection: false);
        var spare = Math.Max(0, GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes - heap);
        return new MemoryReading(resident, Math.Max(heap, resident - spare));
    }
}
