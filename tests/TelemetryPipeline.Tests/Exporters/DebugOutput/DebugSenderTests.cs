using System.Linq;
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using TelemetryPipeline.Exporters.DebugOutput;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Tests.Otlp;
using TelemetryPipeline.TestSupport;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.DebugOutput;

public sealed class DebugSenderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("debug-exporter").FullName;
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("traces", "basic")]
    [InlineData("traces", "normal")]
    [InlineData("traces", "detailed")]
    [InlineData("metrics", "basic")]
    [InlineData("metrics", "normal")]
    [InlineData("metrics", "detailed")]
    [InlineData("logs", "basic")]
    [InlineData("logs", "normal")]
    [InlineData("logs", "detailed")]
    public async Task Consume_EverySignalAndVerbosity_IsShownAsInTheGoldenFile(string signal, string verbosity)
    {
        var golden = await File.ReadAllTextAsync(
            Path.Combine(RepositoryRoot.Path, "tests", "testdata", "debug", $"{signal}_{verbosity}.txt"),
            TestContext.Current.CancellationToken);

        Assert.Equal(golden, await ShowAsync($"verbosity: {verbosity}", Request(signal)));
    }

    [Fact]
    public async Task Consume_SeveralChunks_AreNumberedThroughAndSummedUp()
    {
        var shown = await ShowAsync("verbosity: normal", DebugData.Logs(), DebugData.Logs());

        Assert.Contains("\"resource logs\": 2, \"log records\": 4", shown, StringComparison.Ordinal);
        Assert.Contains("\nResourceLog #1 ", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Consume_MoreThanAPiece_IsShownWhole()
    {
        var request = DebugData.Logs();
        var records = request.ResourceLogs[0].ScopeLogs[0].LogRecords;
        for (var i = 0; i < 5000; i++)
        {
            records.Add(records[0].Clone());
        }

        var shown = await ShowAsync("verbosity: normal", request);

        Assert.Equal(1 + 2 + 5002, shown.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Consume_MoreThanSamplingAllows_ShowsTheFirstAndThenOneInSoMany()
    {
        var path = Path.Combine(_folder, "out.txt");
        await using (var exporter = await StartAsync($"sampling_initial: 2, sampling_thereafter: 3, {To(path)}"))
        {
            for (var second = 0; second < 2; second++)
            {
                for (var i = 0; i < 9; i++)
                {
                    await exporter.ConsumeAsync(DebugData.Logs());
                }

                await exporter.ConsumeAsync(DebugData.Traces());
                _time.Advance(TimeSpan.FromSeconds(1));
            }
        }

        // Of nine in a second: 1, 2, 5 and 8. Other signals count for themselves.
        var lines = await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(8, lines.Count(static l => l.StartsWith("Logs", StringComparison.Ordinal)));
        Assert.Equal(2, lines.Count(static l => l.StartsWith("Traces", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Consume_SamplingThereafterZero_ShowsOnlyTheFirst()
    {
        var path = Path.Combine(_folder, "out.txt");
        await using (var exporter = await StartAsync($"sampling_initial: 1, sampling_thereafter: 0, {To(path)}"))
        {
            for (var i = 0; i < 5; i++)
            {
                await exporter.ConsumeAsync(DebugData.Logs());
            }
        }

        Assert.Single(await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Consume_InternalLogger_LogsCountsAndThenTheText()
    {
        await using var exporter = await StartAsync("verbosity: normal");
        await exporter.ConsumeAsync(DebugData.Logs());

        Assert.Collection(
            exporter.Harness.Logs,
            static line => Assert.Equal("Logs", line),
            static text => Assert.StartsWith("ResourceLog #0 service.name=core-ledger\nScopeLog #0\n", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Consume_CollectorsOwnLog_KeepsLinesApartAndIsNotThinnedOut()
    {
        var output = new MemoryStream();
        var logs = new CollectorLogs(_time, _ => output);
        var id = new ComponentId("debug", "");
        var loggers = logs.Of(TelemetryPipeline.Pipeline.Configuration.ComponentKind.Exporter, id, "");
        await using (var exporter = await StartAsync("verbosity: normal", loggers))
        {
            for (var i = 0; i < 30; i++)
            {
                await exporter.ConsumeAsync(DebugData.Logs());
            }
        }

        var text = System.Text.Encoding.UTF8.GetString(output.ToArray());
        Assert.Contains("\tinfo\tdebug\tLogs\t{", text, StringComparison.Ordinal);
        Assert.Contains("\"resource logs\":1,\"log records\":2", text, StringComparison.Ordinal);
        Assert.Contains("\tinfo\tdebug\tResourceLog #0 service.name=core-ledger\nScopeLog #0\ncard 6222 refused ", text, StringComparison.Ordinal);
        Assert.Equal(30, text.Split("ResourceLog #0").Length - 1);
    }

    [Fact]
    public async Task Consume_OutputCannotBeWritten_LetsDataPassAndCounts()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "there is no device that is always full here");
        await using var exporter = await StartAsync(To("/dev/full"));

        var result = await exporter.ConsumeAsync(DebugData.Logs());

        Assert.Equal(ConsumeOutcome.Accepted, result.Outcome);
        Assert.Equal(1, exporter.Harness.Count("otelcol_exporter_debug_write_failures"));
        Assert.Contains(exporter.Harness.Logs, static l => l.StartsWith("Writing the debug output failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_FileCannotBeOpened_SaysSo()
    {
        var path = Path.Combine(_folder, "missing", "out.txt");

        var failure = await Assert.ThrowsAsync<ComponentStartException>(() => StartAsync(To(path)));

        Assert.StartsWith("cannot open output_paths for writing: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_FileIsThere_IsContinued()
    {
        var path = Path.Combine(_folder, "out.txt");
        await File.WriteAllTextAsync(path, "before\n", TestContext.Current.CancellationToken);

        var shown = await ShowAsync("verbosity: basic", DebugData.Logs());

        Assert.Equal("before\nLogs\t{\"resource logs\": 1, \"log records\": 2}\n", shown);
    }

    [Fact]
    public void Summary_ManyItems_AllocatesNothing()
    {
        using var batch = OtlpPayloads.Batch(DebugData.Metrics(), DebugData.Metrics());
        BatchSummary.Of(batch);

        Assert.Equal(0, Allocations.Least(() => BatchSummary.Of(batch)));
        Assert.Equal(new BatchSummary(Signal.Metrics, 2, 12, 2 * Oracle.CountItems(DebugData.Metrics())), BatchSummary.Of(batch));
    }

    private static IMessage Request(string signal) => signal switch
    {
        "traces" => DebugData.Traces(),
        "metrics" => DebugData.Metrics(),
        _ => DebugData.Logs(),
    };

    private static string To(string path) => $"use_internal_logger: false, output_paths: ['{path}']";

    private async Task<string> ShowAsync(string settings, params IMessage[] requests)
    {
        var path = Path.Combine(_folder, "out.txt");
        await using (var exporter = await StartAsync($"{settings}, {To(path)}"))
        {
            await exporter.ConsumeAsync(requests);
        }

        return await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
    }

    private async Task<RunningExporter> StartAsync(string settings, Microsoft.Extensions.Logging.ILoggerFactory? loggers = null)
    {
        var harness = new ExporterHarness { Time = _time };
        var factory = new DebugFactory();
        var context = harness.Context("debug");
        if (loggers is not null)
        {
            context = new ComponentContext
            {
                Id = context.Id,
                Signals = context.Signals,
                Loggers = loggers,
                Metrics = context.Metrics,
                Time = context.Time,
                Extensions = context.Extensions,
                ReportStatus = context.ReportStatus,
            };
        }

        var exporter = factory.Create(context, ExporterHarness.Config<DebugConfig>(factory, $"{{{settings}}}"));
        await exporter.StartAsync(TestContext.Current.CancellationToken);
        return new RunningExporter(harness, exporter);
    }

    private sealed record RunningExporter(ExporterHarness Harness, IExporter Exporter) : IAsyncDisposable
    {
        public async Task<ConsumeResult> ConsumeAsync(params IMessage[] requests)
        {
            using var batch = OtlpPayloads.Batch(requests);
            return await Exporter.ConsumeAsync(batch, TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync() => await Exporter.StopAsync(CancellationToken.None);
    }
}
