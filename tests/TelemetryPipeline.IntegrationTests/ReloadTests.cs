using System.Linq;
using TelemetryPipeline.TestSupport.Processes;

namespace TelemetryPipeline.IntegrationTests;

/// <summary>A changed configuration is taken over while requests come in.</summary>
public sealed class ReloadTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reload_UnderLoad_TakesOverWithoutAFailedRequest(bool bySignal)
    {
        await using var collector = await CollectorProcess.StartAsync(Marking("first"));
        using var load = new TransferLoad(collector.HttpEndpoint);
        using var stop = new CancellationTokenSource();
        var sending = load.SendUntilAsync(stop.Token);
        await ReachAsync(collector, load, "first");

        foreach (var mark in new[] { "second", "third" })
        {
            collector.ReplaceConfig(Marking(mark));
            if (bySignal)
            {
                await collector.SignalAsync("HUP");
            }

            await ReachAsync(collector, load, mark);
        }

        await stop.CancelAsync();
        await sending;
        Assert.True(load.Failures.Count == 0, $"{load.Failures.Count} failed: {load.Failures.FirstOrDefault()}\n{collector.Output}");
        Assert.Equal(0, await collector.StopAsync());
        var received = ReceivedTelemetry.Read(collector.PathOf(TestConfigs.OutputFile));
        Assert.Empty(load.AcceptedSpanIds.Except(received.Spans.Select(s => s["spanId"])));
    }

    [Fact]
    public async Task Reload_FaultyFile_KeepsRunningAndSaysWhy()
    {
        await using var collector = await CollectorProcess.StartAsync(Marking("first"));
        using var load = new TransferLoad(collector.HttpEndpoint);
        collector.ReplaceConfig(Marking("second").Replace("processors:", "procesors:", StringComparison.Ordinal));
        await collector.SignalAsync("HUP");
        await collector.WaitForOutputAsync("procesors");

        await load.SendSpansAsync();
        Assert.Empty(load.Failures);
        await ReachAsync(collector, load, "first");

        collector.ReplaceConfig(Marking("third"));
        await collector.SignalAsync("HUP");
        await load.SendSpansAsync();
        await ReachAsync(collector, load, "third", sendMeanwhile: true);
        Assert.Empty(load.Failures);
        Assert.Equal(0, await collector.StopAsync());
    }

    private static string Marking(string mark) => TestConfigs.ToFile(
        "[attributes, batch]",
        $$"""
          attributes: {actions: [{key: mark, value: {{mark}}, action: upsert}] }
          batch: {timeout: 50ms}
        """);

    // The exporter may be in the middle of a line: only whole ones are looked at.
    private static Task ReachAsync(CollectorProcess collector, TransferLoad load, string mark, bool sendMeanwhile = false) =>
        collector.WaitUntilAsync(
            async () =>
            {
                if (sendMeanwhile)
                {
                    await load.SendSpansAsync();
                }

                return await ContainsAsync(collector.PathOf(TestConfigs.OutputFile), $"\"stringValue\":\"{mark}\"");
            },
            $"marks spans as {mark}");

    private static async Task<bool> ContainsAsync(string file, string text)
    {
        if (!File.Exists(file))
        {
            return false;
        }

        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return (await reader.ReadToEndAsync()).Contains(text, StringComparison.Ordinal);
    }
}
