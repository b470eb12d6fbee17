using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using TelemetryPipeline.Exporters.Alerting;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Diagnostics;
using TelemetryPipeline.Pipeline.Sending.Durable;
using TelemetryPipeline.TestSupport;
using TelemetryPipeline.Tests.Exporters.Otlp;
using TelemetryPipeline.Tests.Pipeline.Sending.Durable;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Exporters.Alerting;

/// <summary>A queue on disk lets go of an event only when it was told.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "Disposed of by the test framework's own way.")]
public sealed class DurableAlertsTests : IAsyncLifetime, IExtensionHost, IQueueStorage
{
    private readonly LogFolder _folder = new();
    private readonly List<AlertsExporter> _exporters = [];
    private ScriptedServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _folder.Options = _folder.Options with { Signal = Signal.Logs };
        _server = await ScriptedServer.StartAsync(HttpProtocols.Http1);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var exporter in _exporters)
        {
            await exporter.StopAsync(CancellationToken.None);
        }

        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Stop_ReceiverAway_KeepsEventsOnDiskAndTellsThemAfterTheNextStart()
    {
        _server.Answer = static context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        var down = await StartAsync("group_wait: 1h, resolve_timeout: 2h");
        await OfferAsync(down, new AttributionRecord(1), new AttributionRecord(2));
        await OfferAsync(down, new AttributionRecord(3).With("tenant.id", "bank-b"));
        await down.StopAsync(CancellationToken.None);
        Assert.NotEmpty(_folder.Segments);

        _server.Requests.Clear();
        _server.Answer = static _ => Task.CompletedTask;
        var up = await StartAsync("group_wait: 1ms");
        await Until.TrueAsync(() => _server.Requests.Count == 2);
        await up.StopAsync(CancellationToken.None);
        Assert.Equal([1, 2], System.Linq.Enumerable.Order(System.Linq.Enumerable.Select(AlertsRun.Bodies(_server), static b => b.GetProperty("count").GetInt32())));
        Assert.Empty(_folder.Segments);
    }

    [Fact]
    public async Task Told_EventsJoinAGroupThatWasTold_LeaveTheDiskAtOnce()
    {
        var exporter = await StartAsync("group_wait: 1ms, group_interval: 1h");
        await OfferAsync(exporter, new AttributionRecord(1));
        await Until.TrueAsync(() => Sent == 1);
        for (var i = 2; i <= 50; i++)
        {
            await OfferAsync(exporter, new AttributionRecord(i));
        }

        await Until.TrueAsync(() => Sent == 50);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task Refused_ByEveryReceiver_LeavesTheDiskAndIsCounted()
    {
        _server.Answer = static context =>
        {
            context.Response.StatusCode = 400;
            return Task.CompletedTask;
        };
        var exporter = await StartAsync("group_wait: 1ms");
        await OfferAsync(exporter, new AttributionRecord(1), new AttributionRecord(2));
        await Until.TrueAsync(() => CountOf("otelcol_exporter_dropped_log_records") == 2);
        await exporter.StopAsync(CancellationToken.None);
        Assert.Empty(_folder.Segments);
    }

    public T? Find<T>(ComponentId id)
        where T : class => this as T;

    public ValueTask<SegmentLogLease> OpenAsync(ComponentId owner, Signal signal) => SegmentLogLease.OpenAsync(_folder.Options);

    private long Sent => CountOf("otelcol_exporter_sent_log_records");

    private static async Task OfferAsync(AlertsExporter exporter, params AttributionRecord[] records)
    {
        using var batch = OtlpPayloads.Batch(AttributionRecord.Request(records));
        Assert.True((await exporter.ConsumeAsync(batch, CancellationToken.None)).IsAccepted);
    }

    private async Task<AlertsExporter> StartAsync(string more)
    {
        var config = ExporterHarness.Config<AlertsConfig>(new AlertsFactory(), string.Create(
            CultureInfo.InvariantCulture,
            $"{{sending_queue: {{storage: file_storage}}, webhook: [{{name: hook, url: 'http://127.0.0.1:{_server.Port}'}}], {more}}}"));
        var exporter = new AlertsExporter(
            new ComponentContext
            {
                Id = new ComponentId("alerts", ""),
                Signals = [Signal.Logs],
                Loggers = NullLoggerFactory.Instance,
                Metrics = _folder.Metrics,
                Extensions = this,
                ReportStatus = static (_, _) => { },
            },
            config, new Random(3));
        await exporter.StartAsync(CancellationToken.None);
        _exporters.Add(exporter);
        return exporter;
    }

    private long CountOf(string metric)
    {
        long sum = 0;
        foreach (var family in _folder.Metrics.Families)
        {
            foreach (var (_, value) in family.Series)
            {
                sum += family.Name == metric && value is Counter counter ? counter.Value : 0;
            }
        }

        return sum;
    }
}
