namespace TelemetryPipeline.IntegrationTests.DurableQueue;

/// <summary>
/// Scenario: a process fills a queue on disk from four threads and delivers from it; it is killed with SIGKILL at a
/// random moment, twelve times in a row, each time on the same directory; a last process empties the queue.
/// Guarantees: every item that was acknowledged by any of them is at the sink, none more often than there were kills.
/// </summary>
public sealed class KilledProcessTests
{
    private const int KillCount = 12;
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

            var delivered = QueueProcess.ReadSinks(folder.FullName);
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
        using var process = QueueProcess.Start(folder, "load", fsync, run);
        using var limit = new CancellationTokenSource(Patience);
        for (var read = 0; await process.StandardOutput.ReadLineAsync(limit.Token) is { } line; read++)
        {
            if (read == batches)
            {
                process.Kill();
            }

            QueueProcess.Note(line, acknowledged);
        }

        await process.WaitForExitAsync(limit.Token);
        Assert.NotEqual(0, process.ExitCode);
    }

    private static async Task DrainAsync(string folder, string fsync)
    {
        using var process = QueueProcess.Start(folder, "drain", fsync, KillCount);
        using var limit = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(0, process.ExitCode);
    }
}
