using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Pipeline.Sending;
using TelemetryPipeline.TestSupport;

namespace TelemetryPipeline.Tests.Pipeline.Sending;

public sealed class SendingBatchTests
{
    private static readonly QueueBatchConfig FourItems = new() { MinSize = 4, FlushTimeout = TimeSpan.FromSeconds(1) };

    private static QueueConfig Queue(QueueBatchConfig batch) => new() { Batch = batch, NumConsumers = 1 };

    [Fact]
    public async Task Consume_MinSizeReached_SendsMergedWithoutCopying()
    {
        var harness = new SendingHarness(Queue(FourItems));
        await harness.OfferAsync(1, 2);
        await harness.OfferAsync(3);
        Assert.False(harness.Sender.HasAttempt);

        await harness.OfferAsync(4);

        var attempt = await harness.Sender.NextAsync();
        Assert.Equal([1, 2, 3, 4], attempt.Ids);
        Assert.Equal(3, attempt.ChunkCount);
        Assert.Equal(3, harness.QueueSize);
        attempt.Accept();
        await Until.TrueAsync(() => harness.QueueSize == 0 && harness.Sent == 4);
    }

    [Fact]
    public async Task Consume_FlushTimeout_SendsWhatThereIs()
    {
        var harness = new SendingHarness(Queue(FourItems));
        await harness.OfferAsync(1);
        harness.Time.Advance(TimeSpan.FromMilliseconds(999));
        await harness.OfferAsync(2);
        Assert.False(harness.Sender.HasAttempt);

        harness.Time.Advance(TimeSpan.FromMilliseconds(1));

        var attempt = await harness.Sender.NextAsync();
        Assert.Equal([1, 2], attempt.Ids);
        attempt.Accept();
        await harness.OfferAsync(3);
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        var second = await harness.Sender.NextAsync();
        Assert.Equal([3], second.Ids);
    }

    [Fact]
    public async Task Consume_NextWouldExceedMaxSize_GoesInTheNextBatch()
    {
        var harness = new SendingHarness(Queue(FourItems with { MaxSize = 5 }));
        await harness.OfferAsync(1, 2, 3);
        await harness.OfferAsync(4, 5, 6);

        var first = await harness.Sender.NextAsync();
        Assert.Equal([1, 2, 3], first.Ids);
        first.Accept();
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        var second = await harness.Sender.NextAsync();
        Assert.Equal([4, 5, 6], second.Ids);
    }

    [Fact]
    public async Task Consume_MetadataKeys_KeepsBatchesApart()
    {
        var harness = new SendingHarness(Queue(FourItems with { MetadataKeys = ["Tenant"] }));
        await harness.OfferAsync(CancellationToken.None, Tenant("a", "x"), 1, 2);
        await harness.OfferAsync(CancellationToken.None, Tenant("b", "x"), 3, 4);
        await harness.OfferAsync(CancellationToken.None, null, 5, 6);
        Assert.False(harness.Sender.HasAttempt);

        await harness.OfferAsync(CancellationToken.None, Tenant("b", "y"), 7, 8);

        var attempt = await harness.Sender.NextAsync();
        Assert.Equal([3, 4, 7, 8], attempt.Ids);
        Assert.Equal(["b"], attempt.Metadata!.Get("tenant"));
        Assert.Empty(attempt.Metadata.Get("other"));
        attempt.Accept();
        harness.Time.Advance(TimeSpan.FromSeconds(1));
        (await harness.Sender.NextAsync()).Accept();
        (await harness.Sender.NextAsync()).Accept();
        await Until.TrueAsync(() => harness.Sent == 8);
    }

    [Fact]
    public async Task Consume_MoreTenantsThanAllowed_StaysBounded()
    {
        var harness = new SendingHarness(
            Queue(FourItems with { MetadataKeys = ["tenant"] }) with { QueueSize = 100_000 });
        harness.Sender.Rule = static _ => ConsumeResult.Accepted;
        for (var i = 0; i < BatchAssembler.PartitionCountMax + 1; i++)
        {
            await harness.OfferAsync(CancellationToken.None, Tenant($"{i}", "x"), i);
        }

        await Until.TrueAsync(() => harness.Sent >= BatchAssembler.PartitionCountMax);
    }

    [Fact]
    public async Task Consume_WaitForResult_EverySenderOfAMergedBatchIsAnswered()
    {
        var harness = new SendingHarness(Queue(FourItems) with { WaitForResult = true });
        var first = harness.OfferAsync(1, 2);
        var second = harness.OfferAsync(3, 4, 5);

        (await harness.Sender.NextAsync()).Refuse(3);

        Assert.Equal((ConsumeOutcome.Rejected, 2), ((await first).Outcome, (await first).RejectedCount));
        Assert.Equal((ConsumeOutcome.Rejected, 1), ((await second).Outcome, (await second).RejectedCount));
    }

    [Fact]
    public async Task Stop_BatchNotFull_IsSent()
    {
        var harness = new SendingHarness(Queue(FourItems));
        harness.Sender.Rule = static _ => ConsumeResult.Accepted;
        await harness.OfferAsync(1);

        await harness.Exporter.StopAsync(CancellationToken.None);

        Assert.Equal(1, harness.Sent);
    }

    private static RequestMetadata Tenant(string tenant, string other) =>
        new([new("tenant", [tenant]), new("other", [other])]);
}
