using System.Diagnostics.CodeAnalysis;
using System.Linq;
using Microsoft.Extensions.Time.Testing;
using TelemetryPipeline.Exporters.Alerting;
using TelemetryPipeline.Exporters.Alerting.Grouping;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.TestSupport.Otlp;
using TelemetryPipeline.Transfers.AttributionEvents;

namespace TelemetryPipeline.Tests.Exporters.Alerting;

/// <summary>A book with a clock that the test turns, whose receivers do as the test says.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The surroundings hold nothing.")]
internal sealed class BookHarness
{
    private readonly ExporterHarness _harness = new();

    /// <summary>Two webhooks, <c>one</c> and <c>two</c>, unless the settings say otherwise.</summary>
    public BookHarness(string yaml = "")
    {
        var config = ExporterHarness.Config<AlertsConfig>(
            new AlertsFactory(),
            $"{{webhook: [{{name: one, url: 'http://one'}}, {{name: two, url: 'http://two'}}]{(yaml.Length == 0 ? "" : ", " + yaml)}}}");
        Book = new AlertBook(
            config.Grouping, config.Routes,
            [.. config.Receivers.Select(r => r.Timing(config.Sending.Retry.MaxElapsedTime))], Time,
            new AlertsMetrics(_harness.Context("alerts")));
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 31, 8, 0, 0, TimeSpan.Zero));

    public AlertBook Book { get; }

    public long Count(string metric) => _harness.Count("otelcol_exporter_alerts_" + metric);

    /// <summary>What became of a batch, which is known.</summary>
    public static ConsumeResult ResultOf(BatchWaiter waiter)
    {
        Assert.True(waiter.Completion.IsCompletedSuccessfully);
        return waiter.Completion.GetAwaiter().GetResult();
    }

    public static AttributionEvent Read(AttributionRecord record)
    {
        using var batch = OtlpPayloads.Batch(AttributionRecord.Request(record));
        var view = batch.View(0);
        return AttributionEventReader.Read(view, view.ItemNodes[0]) ?? throw new InvalidOperationException("no event");
    }

    public EventFate Add(AttributionRecord record, BatchWaiter? waiter = null) => Book.Add(Read(record), waiter);

    public void Advance(double seconds) => Time.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>What a receiver is due, which it takes.</summary>
    public IReadOnlyList<Alert> Tell(int receiver = 0, ConsumeResult? outcome = null)
    {
        var work = Book.Take(receiver, 100);
        foreach (var ticket in work.Tickets)
        {
            Book.Done(receiver, ticket, outcome ?? ConsumeResult.Accepted);
        }

        return [.. work.Tickets.Select(static t => t.Alert)];
    }
}
