namespace TelemetryPipeline.IntegrationTests.DurableQueue;

/// <summary>
/// Scenario: while a process fills and empties a queue on disk, two others are started on the same directory; then the
/// first is killed and another takes over.
/// Guarantees: the others do not start and say why, they disturb nothing, and the directory is free with the holder's end.
/// </summary>
public sealed class CompetingProcessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Start_DirectoryIsHeldByAnotherProcess_FailsAndDisturbsNothing()
    {
        var folder = Directory.CreateTempSubdirectory("held-queue-");
        try
        {
            var acknowledged = new HashSet<long>();
            using var limit = new CancellationTokenSource(Patience);
            using (var holder = QueueProcess.Start(folder.FullName, "load", "never", 0))
            {
                QueueProcess.Note(await holder.StandardOutput.ReadLineAsync(limit.Token) ?? "", acknowledged);
                var lines = ReadAllAsync(holder.StandardOutput, acknowledged, limit.Token);
                await Task.WhenAll(FailAsync(folder.FullName, 1, limit.Token), FailAsync(folder.FullName, 2, limit.Token));
                Assert.False(holder.HasExited);
                holder.Kill();
                await lines;
                await holder.WaitForExitAsync(limit.Token);
            }

            using var successor = QueueProcess.Start(folder.FullName, "drain", "never", 3);
            await successor.WaitForExitAsync(limit.Token);

            Assert.Equal(0, successor.ExitCode);
            var delivered = QueueProcess.ReadSinks(folder.FullName);
            Assert.NotEmpty(acknowledged);
            Assert.DoesNotContain(acknowledged, id => !delivered.ContainsKey(id));
            Assert.DoesNotContain(delivered, static id => id.Value > 2);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task FailAsync(string folder, int run, CancellationToken limit)
    {
        using var rival = QueueProcess.Start(folder, "drain", "never", run);
        var error = await rival.StandardError.ReadToEndAsync(limit);
        await rival.WaitForExitAsync(limit);
        Assert.NotEqual(0, rival.ExitCode);
        Assert.Contains("another process holds it", error, StringComparison.Ordinal);
    }

    private static async Task ReadAllAsync(StreamReader output, HashSet<long> acknowledged, CancellationToken limit)
    {
        while (await output.ReadLineAsync(limit) is { } line)
        {
            QueueProcess.Note(line, acknowledged);
        }
    }
}
