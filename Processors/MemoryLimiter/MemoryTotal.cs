using System.Globalization;

namespace TelemetryPipeline.Processors.MemoryLimiter;

/// <summary>How much memory the process can have: the machine's, or less where a control group limits it.</summary>
internal static class MemoryTotal
{
    private const string CgroupV2 = "0::";

    /// <summary>Bytes the process can have.</summary>
    /// <param name="root">The file system's root; tests give another one.</param>
    public static long Read(string root = "/")
    {
        // The runtime's own figure is the last resort: inside a container it is the heap's share of the limit, not the limit.
        var total = MachineBytes(Path.Combine(root, "proc/meminfo"))
            ?? GC.GetGCMemoryInfo(GCKind.Any).TotalAvailableMemoryBytes;
        foreach (var line in Lines(Path.Combine(root, "proc/self/cgroup")))
        {
            if (line.StartsWith(CgroupV2, StringComparison.Ordinal))
            {
                total = Least(total, Path.Combine(root, "sys/fs/cgroup"), line[CgroupV2.Length..], "memory.max");
            }
            else if (line.Split(':', 3) is [_, "memory", var group])
            {
                total = Least(total, Path.Combine(root, "sys/fs/cgroup/memory"), group, "memory.limit_in_bytes");
            }
        }

        return total;
    }

    // The tightest limit from the group up to the mount: a child may be limited by its parent only. Inside a container
    // the group's own path is often not visible, and the mount shows the container's group.
    private static long Least(long total, string mount, string group, string file)
    {
        var path = group.Trim('/');
        while (true)
        {
            foreach (var line in Lines(Path.Combine(mount, path, file)))
            {
                if (long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit > 0)
                {
                    total = Math.Min(total, limit);
                }
            }

            if (path.Length == 0)
            {
                return total;
            }

            path = path.LastIndexOf('/') is var slash and > 0 ? path[..slash] : "";
        }
    }

    private static long? MachineBytes(string meminfo)
    {
        foreach (var line in Lines(meminfo))
        {
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts is ["MemTotal:", var kib, "kB"]
                && long.TryParse(kib, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                return value * 1024;
            }
        }

        return null;
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllLines(path) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No readable limit is the same as none.
            return [];
        }
    }
}
