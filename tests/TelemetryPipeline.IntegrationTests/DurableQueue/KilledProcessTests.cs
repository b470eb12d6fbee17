using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;

namespace TelemetryPipeline.IntegrationTests.DurableQueue;

/// <summary>
/// Scenario: a process fills a queue on disk from four threads and delivers from it; it is killed with SIGKILL at a
/// random moment, twelve times in a row, each time on the same directory; a last process empties the queue.
/// Guarantees: every item that was acknowledged by any of them is at the sink, none more often than there were kills.
/// </summary>
public sealed class KilledProcessTests
{
    private const int KillCount = 12;
    private const long IdsPerRun = 100_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("always")]
    [InlineData("never")]
    public async Task Kill_UnderLoad_LosesNothingAcknowledged(string fsync)
    {
        var folder = Directory.CreateTempSubdirectory("killed-queue-");
        try
        {
            var random = new Random(17);
            var acknowledged = new HashSet<long>();
            for (var run = 0; run < KillCount; run++)
            {
                await LoadAndKillAsync(folder.FullName, fsync, run, random.Next(5, 200), acknowledged);
            }

            await DrainAsync(folder.FullName, fsync);

            var delivered = ReadSinks(folder.FullName);
            Assert.NotEmpty(acknowledged);
            Assert.DoesNotContain(acknowledged, id => !delivered.ContainsKey(id));
            Assert.DoesNotContain(delivered, id => id.Value > KillCount + 1);
            Assert.Empty(Directory.GetFiles(Path.Combine(folder.FullName, "storage"), "*.segment", SearchOption.AllDirectories));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task LoadAndKillAsync(string folder, string fsync, int run, int batches, HashSet<long> acknowledged)
    {
        using var process = Start(folder, "load", fsync, run);
        using var limit = new CancellationTokenSource(Patience);
        for (var read = 0; await process.StandardOutput.ReadLineAsync(limit.Token) is { } line; read++)
        {
            if (read == batches)
            {
                process.Kill();
            }

            // The last line may be cut short by the kill.
            if (line.Split(' ') is [var first, { Length: > 0 } count])
            {
                Note(acknowledged, first, count);
            }
        }

        await process.WaitForExitAsync(limit.Token);
        Assert.NotEqual(0, process.ExitCode);
    }

    private static void Note(HashSet<long> acknowledged, string first, string count)
    {
        var start = long.Parse(first, CultureInfo.InvariantCulture);
        for (var i = 0; i < int.Parse(count, CultureInfo.InvariantCulture); i++)
        {
            acknowledged.Add(start + i);
        }
    }

    private static async Task DrainAsync(string folder, string fsync)
    {
        using var process = Start(folder, "drain", fsync, KillCount);
        using var limit = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(0, process.ExitCode);
    }

    private static Process Start(string folder, string mode, string fsync, int run)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "TelemetryPipeline.CrashingQueue.dll"));
        start.ArgumentList.Add(mode);
        start.ArgumentList.Add(Path.Combine(folder, "storage"));
        start.ArgumentList.Add(Path.Combine(folder, $"sink-{run}"));
        start.ArgumentList.Add(fsync);
        start.ArgumentList.Add((run * IdsPerRun).ToString(CultureInfo.InvariantCulture));
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
    }

    private static Dictionary<long, int> ReadSinks(string folder)
    {
        var delivered = new Dictionary<long, int>();
        foreach (var path in Directory.GetFiles(folder, "sink-*"))
        {
            for (var rest = File.ReadAllBytes(path).AsSpan(); rest.Length >= sizeof(long); rest = rest[sizeof(long)..])
            {
                var id = BinaryPrimitives.ReadInt64LittleEndian(rest);
                delivered[id] = delivered.GetValueOrDefault(id) + 1;
            }
        }

        return delivered;
    }
}
