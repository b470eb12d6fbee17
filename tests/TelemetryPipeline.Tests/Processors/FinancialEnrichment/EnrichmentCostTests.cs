using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.FinancialEnrichment;
using TelemetryPipeline.Tests.Otlp;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.FinancialEnrichment;

public sealed class EnrichmentCostTests
{
    // Scenario: a large batch of spans for which everything is to be done.
    // Guarantees: what is allocated is for the batch; nothing for a span.
    [Fact]
    public async Task Consume_SteadyState_AllocatesNothingForASpan()
    {
        var factory = new FinancialEnrichmentFactory();
        await using var processor = (FinancialEnrichmentProcessor)factory.Create(
            new ProcessorHarness().Context("financial_enrichment"), new FinancialEnrichmentConfig(), new Accepting());
        await processor.StartAsync(TestContext.Current.CancellationToken);
        var bytes = UnmappedTransfers.Bytes(4000);

        var allocated = Allocations.Least(() =>
        {
            using var batch = new OtlpBatch(OtlpChunk.FromArray(Signal.Traces, bytes, 4000));
            Assert.True(processor.ConsumeAsync(batch, CancellationToken.None).AsTask().GetAwaiter().GetResult().IsAccepted);
        });

        Assert.Equal(0, allocated / 4000);
    }

    private sealed class Accepting : IConsumer
    {
        public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation) =>
            new(batch.ByteCount > 0 ? ConsumeResult.Accepted : default);
    }
}
