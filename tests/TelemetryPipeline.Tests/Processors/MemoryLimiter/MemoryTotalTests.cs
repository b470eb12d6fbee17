using TelemetryPipeline.Processors.MemoryLimiter;

namespace TelemetryPipeline.Tests.Processors.MemoryLimiter;

public sealed class MemoryTotalTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("memory-total-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Read_NoGroup_IsTheMachines()
    {
        Write("proc/meminfo", "MemTotal:       1000 kB\nMemFree: 5 kB\n");
        Assert.Equal(1_024_000, MemoryTotal.Read(_root));
    }

    [Fact]
    public void Read_GroupV2_IsTheTightestOnTheWayUp()
    {
        Write("proc/meminfo", "MemTotal: 1000 kB\n");
        Write("proc/self/cgroup", "0::/pods/pod1/c1\n");
        Write("sys/fs/cgroup/pods/pod1/c1/memory.max", "max\n");
        Write("sys/fs/cgroup/pods/pod1/memory.max", "500000\n");
        Write("sys/fs/cgroup/memory.max", "900000\n");
        Assert.Equal(500_000, MemoryTotal.Read(_root));
    }

    [Fact]
    public void Read_GroupV1_IsItsLimit()
    {
        Write("proc/meminfo", "MemTotal: 1000 kB\n");
        Write("proc/self/cgroup", "4:cpu:/x\n3:memory:/docker/abc\n");
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "700000\n");
        Assert.Equal(700_000, MemoryTotal.Read(_root));
    }

    private void Write(string path, string text)
    {
        var full = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
