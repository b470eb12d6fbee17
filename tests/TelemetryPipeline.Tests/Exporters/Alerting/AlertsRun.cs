using System.Diagnostics;
using System.Linq;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using TelemetryPipeline.Exporters.Alerting;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.TestSupport;
using TelemetryPipeline.Tests.Exporters.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Alerting;

/// <summary>An <c>alerts</c> exporter with a clock that the test turns.</summary>
internal sealed class AlertsRun : IAsyncDisposable
{
    // Longer than any answer of a server that means to answer.
    private static readonly TimeSpan KeptMax = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ConditionMax = TimeSpan.FromMinutes(1);

    private AlertsRun(string yaml, ExporterHarness harness, FakeTimeProvider time)
    {
        Time = time;
        Harness = harness;
        var config = ExporterHarness.Config<AlertsConfig>(new AlertsFactory(), yaml);
        Exporter = new AlertsExporter(harness.Context("alerts"), config, new Random(7));
    }

    public FakeTimeProvider Time { get; }

    public ExporterHarness Harness { get; }

    public AlertsExporter Exporter { get; }

    public static async Task<AlertsRun> StartAsync(string yaml)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero));
        var run = new AlertsRun(yaml, new ExporterHarness { Time = time }, time);
        await run.Exporter.StartAsync(CancellationToken.None);
        return run;
    }

    public async Task<ConsumeResult> OfferAsync(params AttributionRecord[] records)
    {
        using var batch = OtlpPayloads.Batch(AttributionRecord.Request(records));
        return await Exporter.ConsumeAsync(batch, CancellationToken.None);
    }

    /// <summary>Offers and waits until the events are known.</summary>
    public async Task TakeInAsync(params AttributionRecord[] records)
    {
        var before = Harness.Count("otelcol_exporter_alerts_events");
        Assert.True((await OfferAsync(records)).IsAccepted);
        await Until.TrueAsync(() => Harness.Count("otelcol_exporter_alerts_events") >= before + records.Length);
    }

    /// <summary>Turns the clock by a second, and waits until what is due by that was done, unless a server keeps it.</summary>
    public async Task TickAsync()
    {
        await SettleAsync();
        Time.Advance(TimeSpan.FromSeconds(1));
        await SettleAsync();
    }

    /// <summary>Turns the clock, a second at a time, until so many requests have come.</summary>
    public async Task<IReadOnlyList<JsonElement>> AdvanceUntilAsync(ScriptedServer server, int requests, int secondsMax = 3600)
    {
        for (var seconds = 0; server.Requests.Count < requests; seconds++)
        {
            Assert.True(seconds < secondsMax, $"only {server.Requests.Count} requests came: {string.Join('\n', Harness.Logs)}");
            await TickAsync();
        }

        return Bodies(server);
    }

    private async Task SettleAsync()
    {
        var begin = Stopwatch.GetTimestamp();
        while (!Exporter.IsIdle && Stopwatch.GetElapsedTime(begin) < KeptMax)
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    public static IReadOnlyList<JsonElement> Bodies(ScriptedServer server) =>
        [.. server.Requests.Select(static r => JsonDocument.Parse(r.Body).RootElement)];

    public static string Text(byte[] body) => Encoding.UTF8.GetString(body);

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource();
        await limit.CancelAsync();
        await Exporter.StopAsync(limit.Token);
    }
}
