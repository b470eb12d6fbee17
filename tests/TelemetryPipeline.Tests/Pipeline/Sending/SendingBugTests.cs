using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Sending;
using TelemetryPipeline.TestSupport;
using TelemetryPipeline.Tests.Pipeline.Sending.Durable;

namespace TelemetryPipeline.Tests.Pipeline.Sending;

/// <summary>
/// Scenario: something around the transport throws, which nothing should.
/// Guarantees: the worker goes on with the next batch, stopping does not wait for one that is gone, and what became of
/// the batch is known.
/// </summary>
public sealed class SendingBugTests
{
    private static readonly QueueConfig OneWorker = new() { NumConsumers = 1 };

    [Fact]
    public async Task Deliver_Throws_TheBatchIsCountedAndTheNextOneGoes()
    {
        var harness = Failing(OneWorker);
        await harness.OfferAsync(1, 2);

        await Until.TrueAsync(() => harness.Dropped("internal_error") == 2);
        await AssertGoesOnAsync(harness);
    }

    [Fact]
    public async Task Deliver_ThrowsWhileTheSenderWaits_TheSenderIsTold()
    {
        var harness = Failing(OneWorker with { WaitForResult = true });

        var result = await harness.OfferAsync(1, 2);

        Assert.Equal((ConsumeOutcome.Retry, "internal_error"), (result.Outcome, result.Reason));
        Assert.Equal(0, harness.Dropped());
        await AssertGoesOnAsync(harness);
    }

    [Fact]
    public async Task Deliver_ThrowsForABatchOnDisk_ItStaysThere()
    {
        using var folder = new LogFolder();
        var harness = Failing(OneWorker with { Storage = new ComponentId("file_storage", "") }, folder);
        await harness.Exporter.StartAsync(CancellationToken.None);
        await harness.OfferAsync(1, 2);
        await Until.TrueAsync(() => harness.Statuses.Count == 1);

        await AssertGoesOnAsync(harness);

        Assert.Equal(0, harness.Dropped());
        var log = folder.Open();
        Assert.Equal([1, 2], LogFolder.Drain(log));
        log.Close();
    }

    // A batch on disk has no time limit by default: one that always makes the transport throw would be sent without end.
    [Fact]
    public async Task Deliver_TransportAlwaysThrowsAtABatchOnDisk_IsDroppedAndCountedAfterFiveAttempts()
    {
        using var folder = new LogFolder();
        var harness = new SendingHarness(
            OneWorker with { Storage = new ComponentId("file_storage", "") },
            new RetryConfig { RandomizationFactor = 0, MaxElapsedTime = TimeSpan.Zero },
            storage: folder.Options);
        var attempts = 0;
        harness.Sender.Rule = attempt =>
        {
            if (attempt.Ids[0] != 1)
            {
                return ConsumeResult.Accepted;
            }

            attempts++;
            throw new InvalidOperationException("a bug in the transport");
        };
        await harness.Exporter.StartAsync(CancellationToken.None);
        await harness.OfferAsync(1, 2);
        await Until.TrueAsync(() =>
        {
            harness.Time.Advance(TimeSpan.FromSeconds(30));
            return harness.Dropped("internal_error") == 2;
        });

        Assert.Equal(5, attempts);
        Assert.Equal(5, harness.Counter("otelcol_background_failures", "loop=\"delivery\""));
        await AssertGoesOnAsync(harness);
    }

    private static SendingHarness Failing(QueueConfig queue, LogFolder? folder = null)
    {
        var harness = new SendingHarness(queue, storage: folder?.Options);
        harness.Sender.Rule = static _ => ConsumeResult.Retry("unavailable", "down");
        harness.OnStatus = static _ => throw new InvalidOperationException("a bug in whoever is told");
        return harness;
    }

    private static async Task AssertGoesOnAsync(SendingHarness harness)
    {
        harness.Sender.Rule = static _ => ConsumeResult.Accepted;
        harness.OnStatus = static _ => { };
        await harness.OfferAsync(3);
        await harness.Exporter.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal([3], harness.Sender.Delivered);
    }
}
