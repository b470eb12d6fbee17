using System.Linq;
using Google.Protobuf;
using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.FinancialEnrichment;
using TelemetryPipeline.Processors.FinancialEnrichment.SensitiveValues;
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
        var ofFew = await AllocatedAsync(1000);
        var ofMany = await AllocatedAsync(4000);

        Assert.True(ofMany - ofFew < 3000, $"{ofFew} bytes for 1000 spans, {ofMany} for 4000");
    }

    // Guarantees: ordinary transfers end at the quick look, whatever numbers they carry.
    [Fact]
    public void MayContain_OrdinaryTransfers_AreRuledOut()
    {
        var request = UnmappedTransfers.Request(2000);
        var suspects = request.ResourceSpans[0].ScopeSpans[0].Spans.Count(
            static span => SensitiveValueProbe.MayContain(span.ToByteArray(), SensitiveValueKinds.All));
        Assert.True(suspects <= 20, $"{suspects} of 2000 spans are looked at closely");
    }

    private static async Task<long> AllocatedAsync(int spans)
    {
        var factory = new FinancialEnrichmentFactory();
        await using var processor = (FinancialEnrichmentProcessor)factory.Create(
            new ProcessorHarness().Context("financial_enrichment"), new FinancialEnrichmentConfig(), new Accepting());
        await processor.StartAsync(TestContext.Current.CancellationToken);
        var bytes = UnmappedTransfers.Bytes(spans);
        return Allocations.Least(() =>
        {
            using var batch = new OtlpBatch(OtlpChunk.FromArray(Signal.Traces, bytes, spans));
            Assert.True(processor.ConsumeAsync(batch, CancellationToken.None).AsTask().GetAwaiter().GetResult().IsAccepted);
        });
    }

    private sealed class Accepting : IConsumer
    {
        public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation) =>
            new(batch.ByteCount > 0 ? ConsumeResult.Accepted : default);
    }
}
