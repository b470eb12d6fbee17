using TelemetryPipeline.Otlp;
using TelemetryPipeline.Pipeline;
using TelemetryPipeline.Processors.FieldEncryption;
using TelemetryPipeline.Tests.Otlp;
using TelemetryPipeline.Tests.Processors.FinancialEnrichment;
using TelemetryPipeline.TestSupport.Otlp;

namespace TelemetryPipeline.Tests.Processors.FieldEncryption;

public sealed class EncryptionCostTests
{
    // Scenario: a large batch of spans, each with fields to encrypt, mask, hash and drop.
    // Guarantees: what is allocated is for the batch; nothing for a span.
    [Fact]
    public async Task Consume_SteadyState_AllocatesNothingForASpan()
    {
        const int Spans = 4000;
        Environment.SetEnvironmentVariable("TELEMETRY_TEST_COST_KEY", EncryptionRun.KeyA);
        var factory = new FieldEncryptionFactory();
        var config = ProcessorHarness.Config<FieldEncryptionConfig>(factory, EnrichmentRun.Yaml("""
            policies:
              - {fields: [payment.amount, "*.channel"], action: encrypt}
              - {fields: ["*.x-biz-order-no"], action: hash}
              - {fields: ["*.x-biz-cust-id"], action: mask, mask: {keep_last: 4}}
              - {fields: [risk.score], action: drop}
            keys: [{keys: [{id: k, env: TELEMETRY_TEST_COST_KEY}]}]
            hash: {keys: [{keys: [{id: k, env: TELEMETRY_TEST_COST_KEY}]}]}
            """));
        var harness = new ProcessorHarness();
        await using var processor = (FieldEncryptionProcessor)factory.Create(harness.Context("field_encryption"), config, new Accepting());
        await processor.StartAsync(TestContext.Current.CancellationToken);
        var bytes = UnmappedTransfers.Bytes(Spans);

        var allocated = Allocations.Least(() =>
        {
            using var batch = new OtlpBatch(OtlpChunk.FromArray(Signal.Traces, bytes, Spans));
            Assert.True(processor.ConsumeAsync(batch, CancellationToken.None).AsTask().GetAwaiter().GetResult().IsAccepted);
        });

        Assert.Equal(0, allocated / Spans);
        Assert.All(
            (string[])["encrypted", "hashed", "masked", "dropped"],
            outcome => Assert.True(harness.Metric("otelcol_processor_field_encryption_fields", $"outcome=\"{outcome}\"") >= Spans));
    }

    private sealed class Accepting : IConsumer
    {
        public ValueTask<ConsumeResult> ConsumeAsync(OtlpBatch batch, CancellationToken cancellation) =>
            new(batch.ByteCount > 0 ? ConsumeResult.Accepted : default);
    }
}
