using System.Linq;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Sending;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.Tests.Pipeline.Sending;

public sealed class SendingExporterTests
{
    private static readonly QueueConfig OneByOne = new() { NumConsumers = 1, QueueSize = 2 };

    [Fact]
    public async Task Consume_RoomInQueue_IsAcceptedBeforeDelivery()
    {
        var harness = new SendingHarness();

        var result = await harness.OfferAsync(1, 2);

        Assert.True(result.IsAccepted);
        var attempt = await harness.Sender.NextAsync();
        Assert.Equal([1, 2], attempt.Ids);
        Assert.Equal(0, harness.Sent);
        Assert.Equal(1, harness.Counter("otelcol_exporter_in_flight_requests"));
        attempt.Accept();
        await Until.TrueAsync(() => harness.Sent == 2 && harness.QueueSize == 0);
        Assert.Equal(0, harness.Counter("otelcol_exporter_in_flight_requests"));
        Assert.Equal(1000, harness.Counter("otelcol_exporter_queue_capacity"));
    }

    [Fact]
    public async Task Consume_QueueFull_AsksForRetryAndCounts()
    {
        var harness = new SendingHarness(OneByOne);
        await harness.OfferAsync(1);
        Assert.True(harness.Exporter.Admit(Signal.Traces).IsAccepted);
        await harness.OfferAsync(2);

        var result = await harness.OfferAsync(3);

        Assert.Equal((ConsumeOutcome.Retry, "queue_full"), (result.Outcome, result.Reason));
        Assert.Equal("queue_full", harness.Exporter.Admit(Signal.Traces).Reason);
        Assert.Equal(1, harness.EnqueueFailed);
        Assert.Equal(0, harness.Dropped());
    }

    [Fact]
    public async Task Admit_QueueOfOneSignalFull_RefusesThatSignalOnly()
    {
        var harness = new SendingHarness(OneByOne, signals: [Signal.Traces, Signal.Logs]);
        await harness.OfferAsync(1);
        await harness.OfferAsync(2);

        Assert.False(harness.Exporter.Admit(Signal.Traces).IsAccepted);
        Assert.True(harness.Exporter.Admit(Signal.Logs).IsAccepted);
    }

    [Fact]
    public async Task Consume_BlockOnOverflow_WaitsForRoomInOrder()
    {
        var harness = new SendingHarness(OneByOne with { BlockOnOverflow = true, QueueSize = 1 });
        await harness.OfferAsync(1);
        var second = harness.OfferAsync(2);
        var third = harness.OfferAsync(3);
        Assert.False(second.IsCompleted);

        (await harness.Sender.NextAsync()).Accept();

        Assert.True((await second).IsAccepted);
        Assert.False(third.IsCompleted);
        (await harness.Sender.NextAsync()).Accept();
        Assert.True((await third).IsAccepted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Consume_AttemptsFail_EachIsGivenTheSameBytesWhateverBecomesOfTheCallersBatch(bool isQueued)
    {
        var harness = new SendingHarness(new QueueConfig { Enabled = isQueued });
        using var batch = ScriptedSender.BatchOf(1, 2);
        var pending = harness.Exporter.ConsumeAsync(batch, CancellationToken.None).AsTask();
        var first = await harness.Sender.NextAsync();
        if (isQueued)
        {
            // The call has ended, so the batch is the caller's again.
            Assert.True((await pending).IsAccepted);
            using var other = ScriptedSender.BatchOf(3);
            batch.Append(other.Chunks[0].Retain());
        }

        first.Fail();
        await Until.TrueAsync(() => harness.Time.WaitCount > 0);
        harness.Time.Advance(TimeSpan.FromSeconds(5));
        var second = await harness.Sender.NextAsync();
        second.Accept();

        Assert.Equal([1, 2], first.Ids);
        Assert.Equal(first.Request, second.Request);
        Assert.True((await pending).IsAccepted);
    }

    // The Collector's issue 15700: a cancelled offer left a queue behind that nobody could use.
    [Fact]
    public async Task Consume_BlockedCallerGoesAway_OthersBehindItAreServed()
    {
        var harness = new SendingHarness(
            OneByOne with { BlockOnOverflow = true, QueueSize = 10, Sizer = QueueSizer.Items });
        await harness.OfferAsync(1, 2, 3, 4, 5, 6, 7, 8);
        using var cancellation = new CancellationTokenSource();
        var large = harness.OfferAsync(cancellation.Token, null, 20, 21, 22, 23);
        var small = harness.OfferAsync(30);
        Assert.False(small.IsCompleted);

        await cancellation.CancelAsync();

        Assert.Equal("cancelled", (await large).Reason);
        Assert.True((await small).IsAccepted);
        Assert.Equal(9, harness.QueueSize);
    }

    // The Collector's issue 12928: a batch larger than the queue waited for room that could never be.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Consume_BatchLargerThanQueue_IsTakenWhenTheQueueIsEmpty(bool block)
    {
        var harness = new SendingHarness(
            OneByOne with { BlockOnOverflow = block, QueueSize = 2, Sizer = QueueSizer.Items });

        Assert.True((await harness.OfferAsync(1, 2, 3)).IsAccepted);
        var second = harness.OfferAsync(4, 5, 6);
        (await harness.Sender.NextAsync()).Accept();

        Assert.Equal(block, (await second).IsAccepted);
    }

    [Fact]
    public async Task Consume_FailedAttempts_WaitLongerEachTimeAndReportStatus()
    {
        var harness = new SendingHarness();
        await harness.OfferAsync(1);
        foreach (var expected in new[] { 5, 7.5, 11.25, 16.875, 25.3125, 30, 30 })
        {
            var waits = harness.Time.WaitCount;
            (await harness.Sender.NextAsync()).Fail();
            await Until.TrueAsync(() => harness.Time.WaitCount > waits);
            Assert.Equal(expected, harness.Time.LastWait.TotalSeconds, 3);
            harness.Time.Advance(harness.Time.LastWait);
        }

        (await harness.Sender.NextAsync()).Accept();

        await Until.TrueAsync(() => harness.Sent == 1);
        Assert.Equal([ComponentStatus.RecoverableError, ComponentStatus.OK], harness.Statuses);
        Assert.Equal(0, harness.SendFailed);
    }

    [Fact]
    public async Task Consume_ServerAsksForADelay_WaitsAtLeastThatLong()
    {
        var harness = new SendingHarness();
        await harness.OfferAsync(1);

        (await harness.Sender.NextAsync()).Fail(TimeSpan.FromSeconds(42));

        await Until.TrueAsync(() => harness.Time.WaitCount > 0);
        Assert.Equal(TimeSpan.FromSeconds(42), harness.Time.LastWait);
    }

    [Fact]
    public async Task Consume_MaxElapsedTimeOver_DropsWithReason()
    {
        var retry = new RetryConfig { RandomizationFactor = 0, MaxElapsedTime = TimeSpan.FromSeconds(30) };
        var harness = new SendingHarness(retry: retry);
        await harness.OfferAsync(1, 2, 3);
        while (harness.SendFailed == 0)
        {
            var waits = harness.Time.WaitCount;
            (await harness.Sender.NextAsync()).Fail();
            await Until.TrueAsync(() => harness.Time.WaitCount > waits || harness.SendFailed > 0);
            if (harness.SendFailed == 0)
            {
                harness.Time.Advance(harness.Time.LastWait);
            }
        }

        await Until.TrueAsync(() => harness.QueueSize == 0);
        Assert.Equal(3, harness.Dropped("max_elapsed_time"));
        Assert.Equal(0, harness.Sent);
    }

    [Fact]
    public async Task Consume_RetriesOff_DropsWithTheAttemptsReason()
    {
        var harness = new SendingHarness(retry: new RetryConfig { Enabled = false });
        await harness.OfferAsync(1);

        (await harness.Sender.NextAsync()).Fail();

        await Until.TrueAsync(() => harness.QueueSize == 0);
        Assert.Equal(1, harness.Dropped("unavailable"));
    }

    [Fact]
    public async Task Consume_PartlyRejected_CountsBothPartsAndDoesNotRepeat()
    {
        var harness = new SendingHarness();
        await harness.OfferAsync(1, 2, 3);

        (await harness.Sender.NextAsync()).Refuse(2);

        await Until.TrueAsync(() => harness.QueueSize == 0);
        Assert.Equal((1, 2, 2), (harness.Sent, harness.SendFailed, harness.Dropped("invalid_argument")));
        Assert.False(harness.Sender.HasAttempt);
        Assert.Empty(harness.Statuses);
    }

    [Fact]
    public async Task Consume_WeAreRefused_IsAPermanentErrorUntilASuccess()
    {
        var harness = new SendingHarness();
        await harness.OfferAsync(1);
        (await harness.Sender.NextAsync()).Refuse(1, SendReasons.Unauthenticated);
        await harness.OfferAsync(2);
        (await harness.Sender.NextAsync()).Accept();

        await Until.TrueAsync(() => harness.Sent == 1);
        Assert.Equal([ComponentStatus.PermanentError, ComponentStatus.OK], harness.Statuses);
    }

    [Fact]
    public async Task Consume_AttemptTakesTooLong_IsCancelledAndRepeated()
    {
        var harness = new SendingHarness(timeout: TimeSpan.FromSeconds(5));
        await harness.OfferAsync(1);
        await harness.Sender.NextAsync();

        harness.Time.Advance(TimeSpan.FromSeconds(5));
        await Until.TrueAsync(() => harness.Statuses.Contains(ComponentStatus.RecoverableError));
        await Until.TrueAsync(() => harness.Time.WaitCount >= 2);
        harness.Time.Advance(TimeSpan.FromSeconds(5));

        (await harness.Sender.NextAsync()).Accept();
        await Until.TrueAsync(() => harness.Sent == 1);
    }

    [Fact]
    public async Task Consume_QueueDisabled_AnswersWithTheDelivery()
    {
        var harness = new SendingHarness(new QueueConfig { Enabled = false });
        var accepted = harness.OfferAsync(1);
        Assert.False(accepted.IsCompleted);
        (await harness.Sender.NextAsync()).Accept();
        Assert.True((await accepted).IsAccepted);

        var rejected = harness.OfferAsync(2, 3);
        (await harness.Sender.NextAsync()).Refuse(1);
        Assert.Equal(1, (await rejected).RejectedCount);

        using var cancellation = new CancellationTokenSource();
        var cancelled = harness.OfferAsync(cancellation.Token, null, 4);
        (await harness.Sender.NextAsync()).Fail();
        await Until.TrueAsync(() => harness.Time.WaitCount > 0);
        await cancellation.CancelAsync();
        Assert.Equal((ConsumeOutcome.Retry, "cancelled"), ((await cancelled).Outcome, (await cancelled).Reason));
        Assert.Equal((2, 2, 1), (harness.Sent, harness.SendFailed, harness.Dropped()));
    }

    [Fact]
    public async Task Consume_WaitForResult_GivesAFailedBatchBackInsteadOfDroppingIt()
    {
        var harness = new SendingHarness(
            new QueueConfig { WaitForResult = true }, new RetryConfig { Enabled = false });
        var waiting = harness.OfferAsync(1);

        (await harness.Sender.NextAsync()).Fail();

        Assert.Equal(ConsumeOutcome.Retry, (await waiting).Outcome);
        Assert.Equal((1, 0), (harness.SendFailed, harness.Dropped()));
    }

    [Fact]
    public async Task Consume_WaiterGoesAway_TheBatchIsStillDelivered()
    {
        var harness = new SendingHarness(new QueueConfig { WaitForResult = true });
        using var cancellation = new CancellationTokenSource();
        var waiting = harness.OfferAsync(cancellation.Token, null, 1);
        var attempt = await harness.Sender.NextAsync();

        await cancellation.CancelAsync();

        Assert.Equal("cancelled", (await waiting).Reason);
        attempt.Accept();
        await Until.TrueAsync(() => harness.Sent == 1);
    }

    [Fact]
    public async Task Consume_TransportThrows_IsTriedAgain()
    {
        var harness = new SendingHarness();
        var first = true;
        harness.Sender.Rule = _ =>
        {
            var answer = first ? throw new InvalidOperationException("bug") : ConsumeResult.Accepted;
            return answer;
        };
        await harness.OfferAsync(1);
        await Until.TrueAsync(() => harness.Time.WaitCount > 0);
        first = false;
        harness.Time.Advance(harness.Time.LastWait);

        await Until.TrueAsync(() => harness.Sent == 1);
    }

    [Fact]
    public async Task Stop_TimeEnough_DeliversEverythingAndStopsTheTransport()
    {
        var harness = new SendingHarness(OneByOne with { QueueSize = 100 });
        for (var i = 0; i < 20; i++)
        {
            await harness.OfferAsync(i);
        }

        var first = await harness.Sender.NextAsync();
        harness.Sender.Rule = static _ => ConsumeResult.Accepted;
        var stop = harness.Exporter.StopAsync(CancellationToken.None);
        first.Accept();

        await stop;
        Assert.Equal(20, harness.Sent);
        Assert.True(harness.Sender.IsStopped);
        await harness.Exporter.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Stop_BatchWaitsForItsNextAttempt_IsTriedAtOnce()
    {
        var harness = new SendingHarness();
        await harness.OfferAsync(1);
        (await harness.Sender.NextAsync()).Fail();
        await Until.TrueAsync(() => harness.Time.WaitCount > 0);

        var stop = harness.Exporter.StopAsync(CancellationToken.None);
        (await harness.Sender.NextAsync()).Accept();

        await stop;
        Assert.Equal(1, harness.Sent);
    }

    [Fact]
    public async Task Stop_LimitOver_CountsWhatIsLeft()
    {
        var harness = new SendingHarness(OneByOne with { QueueSize = 100 });
        for (var i = 0; i < 5; i++)
        {
            await harness.OfferAsync(i, i + 100);
        }

        await harness.Sender.NextAsync();
        using var limit = new CancellationTokenSource();
        var stop = harness.Exporter.StopAsync(limit.Token);
        await limit.CancelAsync();

        await stop;
        Assert.Equal((0, 10, 10), (harness.Sent, harness.SendFailed, harness.Dropped("shutdown")));
        Assert.Equal(0, harness.QueueSize);
        Assert.Equal("stopping", (await harness.OfferAsync(9)).Reason);
    }
}
