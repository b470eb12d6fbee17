using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Trace.V1;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.Attributes;
using TelemetryPipeline.Processors.Batch;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.Batch;

public sealed class BatchProcessorTests : IDisposable
{
    private static readonly ConsumeResult Busy = ConsumeResult.Retry("queue_full", "the queue is full");

    private readonly ProcessorHarness _harness = new();
    private readonly RecordingConsumer _next = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _next.Dispose();

    [Fact]
    public async Task Consume_SizeReached_SendsOneBatchOverTheSameBytes()
    {
        using var processor = Processor(new BatchConfig { SendBatchSize = 10 });
        await OfferAsync(processor, 4);
        await OfferAsync(processor, 5);
        Assert.Empty(_next.Batches);

        using var last = Batch(1);
        Assert.True((await processor.ConsumeAsync(last, Cancellation)).IsAccepted);

        var sent = Assert.Single(_next.Batches);
        Assert.Equal(10, sent.ItemCount);
        Assert.Equal(3, sent.Chunks.Count);
        Assert.Same(last.Chunks[0], sent.Chunks[2]);
        Assert.Equal(1, _harness.Metric("otelcol_processor_batch_batch_size_trigger_send"));
        Assert.Equal(10, _harness.Metric("otelcol_processor_batch_batch_send_size"));
        Assert.Equal(0, _harness.Metric("otelcol_processor_batch_held_bytes"));
    }

    [Fact]
    public async Task Consume_TimeoutReached_SendsWhatIsThere()
    {
        using var processor = Processor(new BatchConfig());
        await OfferAsync(processor, 3);
        _harness.Time.Advance(TimeSpan.FromMilliseconds(199));
        Assert.Empty(_next.Batches);

        _harness.Time.Advance(TimeSpan.FromMilliseconds(1));
        await _next.CallAsync();

        Assert.Equal(3, _next.Items);
        Assert.Equal(1, _harness.Metric("otelcol_processor_batch_timeout_trigger_send"));
    }

    [Theory]
    [InlineData(0, 200)]
    [InlineData(8192, 0)]
    public async Task Consume_NoSizeOrNoTimeout_SendsAtOnce(int size, int timeoutMs)
    {
        using var processor = Processor(
            new BatchConfig { SendBatchSize = size, Timeout = TimeSpan.FromMilliseconds(timeoutMs) });
        await OfferAsync(processor, 2);
        Assert.Equal(2, _next.Items);
    }

    [Fact]
    public async Task Consume_NextAsksForRetry_HoldsTheBatchAndOffersItAgain()
    {
        // Scenario: the exporter's queue is full for a while.
        // Guarantees: nothing is lost, and the order stays.
        using var processor = Processor(new BatchConfig { SendBatchSize = 5 });
        _next.Answer = static _ => Busy;
        await OfferAsync(processor, 5);
        await _next.CallAsync();
        await OfferAsync(processor, 6);

        _next.Answer = static _ => ConsumeResult.Accepted;
        _harness.Time.Advance(TimeSpan.FromMilliseconds(100));
        await _next.CallAsync();
        await _next.CallAsync();

        Assert.Equal([5, 6], Sizes());
        Assert.Equal(0, _harness.Metric("otelcol_processor_batch_dropped_items"));
        Assert.Equal(1, _harness.Metric("otelcol_processor_batch_held_batches"));
    }

    [Fact]
    public async Task Consume_NextNamesADelay_WaitsForThatLong()
    {
        using var processor = Processor(new BatchConfig { SendBatchSize = 1 });
        _next.Answer = static _ => ConsumeResult.Retry("throttled", "slow down", TimeSpan.FromSeconds(7));
        await OfferAsync(processor, 1);
        await _next.CallAsync();
        _next.Answer = static _ => ConsumeResult.Accepted;

        _harness.Time.Advance(TimeSpan.FromSeconds(6.9));
        Assert.Empty(_next.Batches);
        _harness.Time.Advance(TimeSpan.FromSeconds(0.1));
        await _next.CallAsync();
        Assert.Equal(1, _next.Items);
    }

    [Fact]
    public async Task Consume_NextRejects_CountsTheRejectedItemsWithTheirReason()
    {
        using var processor = Processor(new BatchConfig { SendBatchSize = 5 });
        _next.Answer = static _ => ConsumeResult.Rejected("bad_data", "no", 3);
        await OfferAsync(processor, 5);
        Assert.Equal(3, _harness.Metric("otelcol_processor_batch_dropped_items", "reason=\"bad_data\""));
        Assert.Equal(0, _harness.Metric("otelcol_processor_batch_held_bytes"));
    }

    [Fact]
    public async Task Consume_NextThrows_CountsTheItemsAndGoesOn()
    {
        using var processor = Processor(new BatchConfig { SendBatchSize = 2 });
        _next.Answer = static _ => throw new InvalidOperationException("bug");
        await OfferAsync(processor, 2);
        Assert.Equal(2, _harness.Metric("otelcol_processor_batch_dropped_items", "reason=\"internal_error\""));
        _next.Answer = static _ => ConsumeResult.Accepted;
        await OfferAsync(processor, 2);
        Assert.Equal(2, _next.Items);
    }

    [Fact]
    public async Task Consume_TooMuchHeld_RefusesSoThatSendersKeepTheirData()
    {
        using var processor = Processor(new BatchConfig { SendBatchSize = 1 });
        _next.Answer = static _ => Busy;
        var taken = 0;
        ConsumeResult result;
        do
        {
            using var large = new OtlpBatch(OtlpChunk.FromArray(Signal.Traces, new byte[1024 * 1024], 1));
            result = await processor.ConsumeAsync(large, Cancellation);
            taken += result.IsAccepted ? 1 : 0;
        }
        while (result.IsAccepted);

        Assert.Equal(BatchProcessor.HeldBytesMax / (1024 * 1024), taken);
        Assert.Equal(ConsumeOutcome.Retry, result.Outcome);
        Assert.Equal("batch_full", result.Reason);
        Assert.False(processor.Admit(Signal.Traces).IsAccepted);

        _next.Answer = static _ => ConsumeResult.Accepted;
        await processor.StopAsync(Cancellation);
        Assert.Equal(taken, _next.Items);
        Assert.True(processor.Admit(Signal.Traces).IsAccepted);
    }

    [Fact]
    public async Task Stop_NextTakesNothing_CountsWhatIsLeft()
    {
        using var processor = Processor(new BatchConfig { SendBatchSize = 4 });
        _next.Answer = static _ => Busy;
        await OfferAsync(processor, 4);
        await OfferAsync(processor, 3);

        using var limit = new CancellationTokenSource();
        var stop = processor.StopAsync(limit.Token);
        Assert.False(stop.IsCompleted);
        await limit.CancelAsync();
        await stop;
        await processor.StopAsync(limit.Token);

        Assert.Equal(7, _harness.Metric("otelcol_processor_batch_dropped_items", "reason=\"shutdown\""));
        using var late = Batch(1);
        Assert.Equal(ConsumeOutcome.Retry, (await processor.ConsumeAsync(late, Cancellation)).Outcome);
    }

    [Fact]
    public async Task Stop_OpenBatch_IsSent()
    {
        using var processor = Processor(new BatchConfig());
        await OfferAsync(processor, 3);
        await processor.StopAsync(Cancellation);
        Assert.Equal(3, _next.Items);
    }

    [Fact]
    public async Task Consume_MetadataKeys_KeepBatchesApartAndKeepOnlyThoseHeaders()
    {
        using var processor = Processor(
            new BatchConfig { SendBatchSize = 4, MetadataKeys = ["Tenant"], MetadataCardinalityLimit = 2 });
        for (var i = 0; i < 4; i++)
        {
            await OfferAsync(processor, 1, "a");
            await OfferAsync(processor, 1, "b");
        }

        Assert.Equal(2, _harness.Metric("otelcol_processor_batch_metadata_cardinality"));
        Assert.Equal([4, 4], Sizes());
        Assert.Equal(["a"], _next.Batches[0].Metadata!.Get("tenant"));
        Assert.Empty(_next.Batches[0].Metadata!.Get("authorization"));

        using var third = Batch(2, "c");
        var result = await processor.ConsumeAsync(third, Cancellation);
        Assert.Equal((ConsumeOutcome.Rejected, "metadata_cardinality", 2), (result.Outcome, result.Reason, result.RejectedCount));
    }

    [Fact]
    public async Task Consume_LargerThanMaxSize_IsSplitWithNothingLost()
    {
        using var processor = Processor(new BatchConfig { SendBatchSize = 10, SendBatchMaxSize = 10 });
        using var batch = OtlpPayloads.Batch(new TransferTraces().FromOneService(25));
        Assert.True((await processor.ConsumeAsync(batch, Cancellation)).IsAccepted);

        Assert.Equal([10, 10, 5], Sizes());
        Assert.Equal(0, _harness.Metric("otelcol_processor_batch_held_bytes"));
    }

    [Fact]
    public async Task Consume_StageFurtherOnChangesAndAsksForRetry_IsOfferedTheBatchAsItCame()
    {
        // Scenario: card numbers are hashed behind the batch, where the exporter's queue is full for a while.
        // Guarantees: they are hashed once.
        var hash = new AttributesFactory().Create(
            _harness.Context("attributes"),
            ProcessorHarness.Config<AttributesConfig>(new AttributesFactory(), Nodes.Map(
                ("actions", Nodes.List(Nodes.Map(("key", "card"), ("action", "hash")))))),
            _next);
        using var processor = new BatchProcessor(_harness.Context("batch"), new BatchConfig { SendBatchSize = 1 }, hash);
        _next.Answer = static batch => batch.Chunks.Count == 0 ? ConsumeResult.Accepted : Busy;
        using var batch = OtlpPayloads.Batch(new ExportTraceServiceRequest
        {
            ResourceSpans = { new ResourceSpans { ScopeSpans = { new ScopeSpans { Spans = { new SpanBuilder("pay").With("card", "4111").Build() } } } } },
        });
        await processor.ConsumeAsync(batch, Cancellation);
        await _next.CallAsync();
        _next.Answer = static _ => ConsumeResult.Accepted;
        _harness.Time.Advance(TimeSpan.FromMilliseconds(100));
        await _next.CallAsync();

        var span = OtlpPayloads.Traces(Assert.Single(_next.Batches)).ResourceSpans[0].ScopeSpans[0].Spans[0];
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("4111"u8)), span.Attributes[0].Value.StringValue);
        await processor.StopAsync(Cancellation);
        Assert.Equal(0, _harness.Metric("otelcol_processor_batch_held_bytes"));
    }

    [Fact]
    public async Task Metrics_TwoPipelinesWithOneId_HaveGaugesOfTheirOwn()
    {
        using var first = Processor(new BatchConfig(), "traces/retail");
        using var second = Processor(new BatchConfig(), "traces/wholesale");
        await OfferAsync(first, 3);
        await OfferAsync(second, 4);

        Assert.Equal(3, _harness.Metric("otelcol_processor_batch_held_bytes", "otelcol_pipeline_id=\"traces/retail\""));
        Assert.Equal(4, _harness.Metric("otelcol_processor_batch_held_bytes", "otelcol_pipeline_id=\"traces/wholesale\""));
    }

    private static OtlpBatch Batch(int items, string? tenant = null)
    {
        var metadata = tenant is null
            ? null
            : new RequestMetadata([new("tenant", [tenant]), new("authorization", ["secret"])]);
        return new OtlpBatch(OtlpChunk.FromArray(Signal.Traces, new byte[items], items), metadata);
    }

    private List<int> Sizes()
    {
        var sizes = new List<int>();
        foreach (var batch in _next.Batches)
        {
            sizes.Add(batch.ItemCount);
        }

        return sizes;
    }

    private static async Task OfferAsync(BatchProcessor processor, int items, string? tenant = null)
    {
        using var batch = Batch(items, tenant);
        Assert.True((await processor.ConsumeAsync(batch, Cancellation)).IsAccepted);
    }

    private BatchProcessor Processor(BatchConfig config, string pipeline = "traces") =>
        new(_harness.Context("batch", pipeline), config, _next);
}
